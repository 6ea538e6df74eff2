import {
  createAccessKeysClient,
  createAuditLogClient,
  createJoinTokensClient,
  createPoliciesClient,
  createRolesClient,
  createUsersClient,
  createWhoamiClient,
} from './access.ts'
import { createArtifactsClient } from './artifacts.ts'
import { createBucketsClient, createObjectsClient } from './buckets.ts'
import type { FollowOptions } from './event-stream.ts'
import { createExecutionsClient } from './executions.ts'
import { createExtensionsClient } from './extensions.ts'
import { followLists } from './follow.ts'
import { createInstancesClient } from './instances.ts'
import { createOverviewClient } from './overview.ts'
import { createSessionClient, createUserPasswordsClient, createUserSessionsClient } from './session.ts'
import { createTransport, type TransportOptions } from './transport.ts'
import { createUploadsClient } from './uploads.ts'

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
    uploads: createUploadsClient(transport),
    buckets: createBucketsClient(transport),
    objects: createObjectsClient(transport),
    instances: createInstancesClient(transport),
    joinTokens: createJoinTokensClient(transport),
    accessKeys: createAccessKeysClient(transport),
    users: createUsersClient(transport),
    roles: createRolesClient(transport),
    policies: createPoliciesClient(transport),
    whoami: createWhoamiClient(transport),
    auditLog: createAuditLogClient(transport),
    session: createSessionClient(transport),
    passwords: createUserPasswordsClient(transport),
    userSessions: createUserSessionsClient(transport),
    executions: createExecutionsClient(transport),
    overview: createOverviewClient(transport),
    /** What changed in lists, over lost connections, until `signal` aborts or the server stays away. */
    followLists: (options: FollowOptions = {}) => followLists(transport, options),
  }
}
export type Client = ReturnType<typeof createClient>
