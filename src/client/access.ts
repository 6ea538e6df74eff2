import {
  type PolicyInput,
  type PolicyUpdate,
  type PrincipalInput,
  policyDetailSchema,
  policySchema,
  principalSchema,
  whoamiSchema,
} from '../protocol/api/access.ts'
import { type AccessKeyInput, accessKeySchema, createdAccessKeySchema } from '../protocol/api/access-keys.ts'
import {
  auditEntrySchema,
  auditExportsSchema,
  auditVerificationSchema,
  chainedAuditEntrySchema,
} from '../protocol/api/audit-log.ts'
import { secretsSchema } from '../protocol/api/automation/secrets.ts'
import { createdJoinTokenSchema, type JoinTokenInput, joinTokenSchema } from '../protocol/api/instances.ts'
import { pageOf } from '../protocol/api/page.ts'
import { type PermissionCheck, permissionResultsSchema } from '../protocol/api/permissions.ts'
import type { PageQuery } from './pages.ts'
import { pathOf, type Transport } from './transport.ts'

/** Absent fields are not part of the request; instants are ISO 8601. */
export interface AuditQuery extends PageQuery {
  readonly actor?: string | undefined
  readonly action?: string | undefined
  /** Prefix of the event name. */
  readonly resource?: string | undefined
  readonly source?: string | undefined
  readonly accessKeyId?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
}

const joinTokenPage = pageOf(joinTokenSchema)
const accessKeyPage = pageOf(accessKeySchema)
const auditPage = pageOf(auditEntrySchema)
const chainedAuditPage = pageOf(chainedAuditEntrySchema)
const principalPage = pageOf(principalSchema)
const policyPage = pageOf(policySchema)

/** Tokens that let agents join. Only the answer of `create` contains the token itself. */
export const createJoinTokensClient = (transport: Transport) => ({
  list: (query: PageQuery = {}) => transport.request('GET', '/join-tokens', joinTokenPage, { query: { ...query } }),
  create: (body: JoinTokenInput) => transport.request('POST', '/join-tokens', createdJoinTokenSchema, { body }),
  revoke: (id: string) => transport.send('DELETE', pathOf`/join-tokens/${id}`),
})

/** Access keys of users and programs. Only the answer of `create` contains the secret. */
export const createAccessKeysClient = (transport: Transport) => ({
  list: (query: PageQuery = {}) => transport.request('GET', '/access-keys', accessKeyPage, { query: { ...query } }),
  create: (body: AccessKeyInput) => transport.request('POST', '/access-keys', createdAccessKeySchema, { body }),
  disable: (id: string) => transport.send('POST', pathOf`/access-keys/${id}/disable`),
  enable: (id: string) => transport.send('POST', pathOf`/access-keys/${id}/enable`),
  /** Replaces the encrypted secret by its hash: the key cannot sign requests of the OOS API any more. */
  hash: (id: string) => transport.send('POST', pathOf`/access-keys/${id}/hash`),
  delete: (id: string) => transport.send('DELETE', pathOf`/access-keys/${id}`),
})

export const createAuditLogClient = (transport: Transport) => ({
  list: (query: AuditQuery = {}) => transport.request('GET', '/audit-log', auditPage, { query: { ...query } }),
  verify: () => transport.request('GET', '/audit-log/verification', auditVerificationSchema),
  /** Entries with their hashes, oldest first. */
  chain: (query: PageQuery & { readonly after?: number | undefined } = {}) =>
    transport.request('GET', '/audit-log/chain', chainedAuditPage, { query: { ...query } }),
  exports: () => transport.request('GET', '/audit-log/exports', auditExportsSchema),
})

/** Users or roles, which share the calls to create, read and attach policies. */
const createPrincipalsClient = (transport: Transport, path: string) => ({
  list: (query: PageQuery = {}) => transport.request('GET', path, principalPage, { query: { ...query } }),
  get: (name: string) => transport.request('GET', `${path}${pathOf`/${name}`}`, principalSchema),
  create: (body: PrincipalInput) => transport.request('POST', path, principalSchema, { body }),
  /**
   * `force` also detaches its policies and deletes its keys, or detaches the role from its
   * instances.
   */
  delete: (name: string, { force }: { readonly force?: boolean | undefined } = {}) =>
    transport.send('DELETE', `${path}${pathOf`/${name}`}`, { query: { force } }),
  attach: (name: string, policy: string) => transport.send('PUT', `${path}${pathOf`/${name}/policies/${policy}`}`),
  detach: (name: string, policy: string) => transport.send('DELETE', `${path}${pathOf`/${name}/policies/${policy}`}`),
})

export const createUsersClient = (transport: Transport) => createPrincipalsClient(transport, '/users')
export const createRolesClient = (transport: Transport) => createPrincipalsClient(transport, '/roles')

export const createPoliciesClient = (transport: Transport) => ({
  list: (query: PageQuery = {}) => transport.request('GET', '/policies', policyPage, { query: { ...query } }),
  get: (name: string) => transport.request('GET', pathOf`/policies/${name}`, policyDetailSchema),
  create: (body: PolicyInput) => transport.request('POST', '/policies', policySchema, { body }),
  update: (name: string, body: PolicyUpdate) =>
    transport.request('PUT', pathOf`/policies/${name}`, policySchema, { body }),
  delete: (name: string, { force }: { readonly force?: boolean | undefined } = {}) =>
    transport.send('DELETE', pathOf`/policies/${name}`, { query: { force } }),
})

/** The caller, identified by the access key of the request. */
export const createWhoamiClient = (transport: Transport) => ({
  get: () => transport.request('GET', '/whoami', whoamiSchema),
})

/** What the user of the access key or session may do. */
export const createPermissionsClient = (transport: Transport) => ({
  check: (checks: readonly PermissionCheck[]) =>
    transport.request('POST', '/permission-checks', permissionResultsSchema, { body: { checks } }),
})

/** Secrets that parameter values refer to; their values cannot be read. */
export const createSecretsClient = (transport: Transport) => ({
  list: () => transport.request('GET', '/secrets', secretsSchema),
  /** Creates it, or replaces its value. */
  put: (name: string, value: string) => transport.send('PUT', pathOf`/secrets/${name}`, { body: { value } }),
  delete: (name: string, { force }: { readonly force?: boolean | undefined } = {}) =>
    transport.send('DELETE', pathOf`/secrets/${name}`, { query: { force } }),
})
