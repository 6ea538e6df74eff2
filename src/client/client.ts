import {
  createAccessKeysClient,
  createAuditLogClient,
  createJoinTokensClient,
  createPermissionsClient,
  createPoliciesClient,
  createRolesClient,
  createSecretsClient,
  createUsersClient,
  createWhoamiClient,
} from './access.ts'
import { createArtifactsClient } from './artifacts.ts'
import { createAssignmentsClient } from './assignments.ts'
import { createBucketsClient, createObjectsClient } from './buckets.ts'
import type { FollowOptions } from './event-stream.ts'
import { createExecutionsClient } from './executions.ts'
import { createExtensionsClient } from './extensions.ts'
import { followLists } from './follow.ts'
import { createFreezesClient } from './freezes.ts'
import { createGroupsClient, createValuesClient } from './groups.ts'
import { createInstancesClient } from './instances.ts'
import { createOverviewClient } from './overview.ts'
import { createSchedulesClient } from './schedules.ts'
import {
  createSecondFactorClient,
  createSessionClient,
  createUserPasswordsClient,
  createUserSessionsClient,
} from './session.ts'
import { createTransport, type TransportOptions } from './transport.ts'
import { createTrustClient } from './trust.ts'
import { createUploadsClient } from './uploads.ts'
import { createWebhooksClient } from './webhooks.ts'

/**
 * The typed public API of a server: one method per route, with validated answers. Runs wherever
 * `fetch` exists. Every method throws ClientError when the server refuses and UnreachableError when
 * the server does not answer.
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
    permissions: createPermissionsClient(transport),
    auditLog: createAuditLogClient(transport),
    session: createSessionClient(transport),
    passwords: createUserPasswordsClient(transport),
    secondFactor: createSecondFactorClient(transport),
    userSessions: createUserSessionsClient(transport),
    executions: createExecutionsClient(transport),
    freezes: createFreezesClient(transport),
    schedules: createSchedulesClient(transport),
    webhooks: createWebhooksClient(transport),
    assignments: createAssignmentsClient(transport),
    groups: createGroupsClient(transport),
    values: createValuesClient(transport),
    secrets: createSecretsClient(transport),
    overview: createOverviewClient(transport),
    trust: createTrustClient(transport),
    /** Changes in lists; reconnects until `signal` aborts or the server stays unreachable. */
    followLists: (options: FollowOptions = {}) => followLists(transport, options),
  }
}
export type Client = ReturnType<typeof createClient>
