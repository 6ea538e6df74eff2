import { sql } from 'kysely'
import type { AccountId } from '../../core/id.ts'
import type { BootProfile } from '../../core/instance/boot-profile.ts'
import type { Connection } from '../database/database.ts'

/** A join token without its text. */
export interface JoinToken {
  readonly id: string
  readonly accountId: AccountId
  /** Absent: unlimited until it expires. */
  readonly uses: number | undefined
  readonly usesLeft: number | undefined
  readonly expiresAt: Date
  readonly tags: Readonly<Record<string, string>>
  readonly resourceGroup: string
  /** The role of instances that join with it. */
  readonly role: string
  /** Tag keys that agents may set when they join with it. */
  readonly allowedTags: readonly string[]
  /** Whether instances that join with it need an operator's approval. */
  readonly approve: boolean
  /** What instances that join with it get; secret values are not included. */
  readonly bootProfile: BootProfile | undefined
  readonly createdAt: Date
  readonly revokedAt: Date | undefined
}

/** `tokenHash`: SHA-256 of the token's text. */
export async function insertJoinToken(
  connection: Connection,
  token: Omit<JoinToken, 'usesLeft' | 'revokedAt'> & {
    readonly tokenHash: Buffer
    readonly bootSecretsSealed: Buffer | null
  },
): Promise<void> {
  await connection
    .insertInto('join_tokens')
    .values({
      id: token.id,
      account_id: token.accountId,
      token_hash: token.tokenHash,
      uses: token.uses ?? null,
      uses_left: token.uses ?? null,
      expires_at: token.expiresAt,
      tags: JSON.stringify(token.tags) as never,
      resource_group: token.resourceGroup,
      role: token.role,
      allowed_tags: [...token.allowedTags],
      approve: token.approve,
      boot_profile: token.bootProfile === undefined ? null : (JSON.stringify(token.bootProfile) as never),
      boot_secrets_sealed: token.bootSecretsSealed,
      created_at: token.createdAt,
    })
    .execute()
}

/** Without an account: the token determines it. */
export async function getJoinTokenByHash(connection: Connection, tokenHash: Buffer): Promise<JoinToken | undefined> {
  const { rows } = await sql<JoinTokenRow>`
    select ${columns} from join_tokens where token_hash = ${tokenHash}
  `.execute(connection)
  return rows[0] && present(rows[0])
}

/** Tokens that are not revoked, oldest first, after `after`. */
export async function listJoinTokenRows(
  connection: Connection,
  accountId: AccountId,
  { after, limit }: { after?: { readonly createdAt: Date; readonly id: string } | undefined; limit: number },
): Promise<JoinToken[]> {
  const { rows } = await sql<JoinTokenRow>`
    select ${columns} from join_tokens
    where account_id = ${accountId} and revoked_at is null
      and (created_at, id) > (${after?.createdAt ?? new Date(0)}, ${after?.id ?? ''})
    order by created_at, id
    limit ${limit}
  `.execute(connection)
  return rows.map(present)
}

/** Consumes one use of a limited token. False if none is left, or it was revoked meanwhile. */
export async function updateJoinTokenUse(connection: Connection, accountId: AccountId, id: string): Promise<boolean> {
  const { rows } = await sql`
    update join_tokens set uses_left = uses_left - 1
    where account_id = ${accountId} and id = ${id} and revoked_at is null and uses_left > 0
    returning id
  `.execute(connection)
  return rows.length === 1
}

/** False if the account has no such token or it is revoked already. */
export async function updateJoinTokenRevoked(
  connection: Connection,
  accountId: AccountId,
  id: string,
  at: Date,
): Promise<boolean> {
  const { rows } = await sql`
    update join_tokens set revoked_at = ${at}
    where account_id = ${accountId} and id = ${id} and revoked_at is null
    returning id
  `.execute(connection)
  return rows.length === 1
}

const columns = sql`id, account_id, uses, uses_left, expires_at, tags, resource_group, role, allowed_tags, approve, boot_profile, created_at, revoked_at`

interface JoinTokenRow {
  id: string
  account_id: AccountId
  uses: number | null
  uses_left: number | null
  expires_at: Date
  tags: Record<string, string>
  resource_group: string
  role: string
  allowed_tags: string[]
  approve: boolean
  boot_profile: BootProfile | null
  created_at: Date
  revoked_at: Date | null
}

const present = (row: JoinTokenRow): JoinToken => ({
  id: row.id,
  accountId: row.account_id,
  uses: row.uses ?? undefined,
  usesLeft: row.uses_left ?? undefined,
  expiresAt: row.expires_at,
  tags: row.tags,
  resourceGroup: row.resource_group,
  role: row.role,
  allowedTags: row.allowed_tags,
  approve: row.approve,
  bootProfile: row.boot_profile ?? undefined,
  createdAt: row.created_at,
  revokedAt: row.revoked_at ?? undefined,
})
