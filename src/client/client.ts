import { createAccessKeysClient, createAuditLogClient, createJoinTokensClient } from './access.ts'
import { createArtifactsClient } from './artifacts.ts'
import { createBucketsClient, createObjectsClient } from './buckets.ts'
import { createExecutionsClient } from './executions.ts'
import { createExtensionsClient } from './extensions.ts'
import { createInstancesClient } from './instances.ts'
import { createOverviewClient } from './overview.ts'
import { createTransport, type TransportOptions } from './transport.ts'

/**
 * The public API of a server, typed: one method per route, answers validated. Runs wherever `fetch` is.
 * Every method throws ClientError when the server says no and UnreachableError when it cannot be heard.
 */
export function createClient(options: TransportOptions) {
  const transport = createTransport(options)
  return {
    server: options.server,
    extensions: createExtensionsClient(transport),
    artifacts: createArtifactsClient(transport),
    buckets: createBucketsClient(transport),
    objects: createObjectsClient(transport),
    instances: createInstancesClient(transport),
    joinTokens: createJoinTokensClient(transport),
    accessKeys: createAccessKeysClient(transport),
    auditLog: createAuditLogClient(transport),
    executions: createExecutionsClient(transport),
    overview: createOverviewClient(transport),
  }
}
export type Client = ReturnType<typeof createClient>
