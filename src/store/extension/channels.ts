import { sql } from 'kysely'
import type { AccountId, ExtensionId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

export interface ChannelRow {
  readonly extensionId: ExtensionId
  readonly name: string
  readonly version: number
  readonly promotedBy: string
  readonly promotedAt: Date
}

const columns = sql`extension_id as "extensionId", name, version, promoted_by as "promotedBy", promoted_at as "promotedAt"`

/** The channels of some extensions, by name. */
export async function listChannels(
  connection: Connection,
  accountId: AccountId,
  extensionIds: readonly ExtensionId[],
): Promise<ChannelRow[]> {
  const { rows } = await sql<ChannelRow>`
    select ${columns} from extension_channels
    where account_id = ${accountId} and extension_id = any(${extensionIds})
    order by name collate "C"
  `.execute(connection)
  return rows
}

/** The version that a channel points to; undefined if there is no such channel. */
export async function getChannelVersion(
  connection: Connection,
  accountId: AccountId,
  extensionId: ExtensionId,
  name: string,
): Promise<number | undefined> {
  const { rows } = await sql<{ version: number }>`
    select version from extension_channels
    where account_id = ${accountId} and extension_id = ${extensionId} and name = ${name}
  `.execute(connection)
  return rows[0]?.version
}

/** Points a channel to a version; creates the channel if necessary. */
export async function setChannel(
  connection: Connection,
  accountId: AccountId,
  { extensionId, name, version, promotedBy }: Omit<ChannelRow, 'promotedAt'>,
): Promise<void> {
  await sql`
    insert into extension_channels (account_id, extension_id, name, version, promoted_by)
    values (${accountId}, ${extensionId}, ${name}, ${version}, ${promotedBy})
    on conflict (extension_id, name) do update
      set version = excluded.version, promoted_by = excluded.promoted_by, promoted_at = now()
  `.execute(connection)
}

/** False if the extension has no such channel. */
export async function deleteChannel(
  connection: Connection,
  accountId: AccountId,
  extensionId: ExtensionId,
  name: string,
): Promise<boolean> {
  const { rows } = await sql`
    delete from extension_channels
    where account_id = ${accountId} and extension_id = ${extensionId} and name = ${name} returning name
  `.execute(connection)
  return rows.length === 1
}
