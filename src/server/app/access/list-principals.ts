import { builtInRole } from '../../../core/access/built-in-policies.ts'
import { administratorName, type PrincipalKind } from '../../../core/access/principal.ts'
import { chandlerError, type ErrorCode } from '../../../core/error/errors.ts'
import {
  getPrincipalRow as getRow,
  listPrincipalRows as listRows,
  type Principal,
} from '../../../store/access/principals.ts'
import type { Connection } from '../../../store/database/database.ts'
import type { Actor, AppContext } from '../context.ts'

/** A user or a role, built-in ones included. */
export interface PrincipalRecord extends Omit<Principal, 'createdAt'> {
  /** The account's administrator and the built-in roles, which cannot be changed. */
  readonly builtIn: boolean
  /** Absent for a built-in role. */
  readonly createdAt: Date | undefined
}

const notFound = { user: 'UserNotFound', role: 'RoleNotFound' } as const satisfies Record<PrincipalKind, ErrorCode>

/** Users or roles by name, after `after`. */
export async function listPrincipals(
  { database }: Pick<AppContext, 'database'>,
  { accountId }: Pick<Actor, 'accountId'>,
  kind: PrincipalKind,
  { after = '', limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<PrincipalRecord[]> {
  const views = (await listRows(database, accountId, kind, { after, limit })).map((row) => viewOf(kind, row))
  if (kind === 'user' || builtInRole.name <= after) return views
  return [...views, builtInRoleView].toSorted((a, b) => (a.name < b.name ? -1 : 1)).slice(0, limit)
}

/** @throws UserNotFound, RoleNotFound */
export async function getPrincipal(
  connection: Connection,
  { accountId }: Pick<Actor, 'accountId'>,
  kind: PrincipalKind,
  name: string,
): Promise<PrincipalRecord> {
  if (kind === 'role' && name === builtInRole.name) return builtInRoleView
  const row = await getRow(connection, accountId, kind, name)
  if (!row) throw chandlerError(notFound[kind], { name })
  return viewOf(kind, row)
}

const viewOf = (kind: PrincipalKind, row: Principal): PrincipalRecord =>
  kind === 'user' && row.name === administratorName
    ? { ...row, builtIn: true, policies: ['AdministratorAccess'] }
    : { ...row, builtIn: false }

const builtInRoleView: PrincipalRecord = { ...builtInRole, builtIn: true, createdAt: undefined, service: false }
