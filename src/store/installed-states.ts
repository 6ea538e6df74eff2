import { sql } from 'kysely'
import type { AccountId, ExtensionId, InstanceId } from '../core/id.ts'
import type { InstalledState } from '../core/instance.ts'
import type { Connection } from './database.ts'

export interface InstalledStateRow extends InstalledState {
  readonly instanceId: InstanceId
  /** Its id, if the extension was deleted by force while it was installed. */
  readonly extensionName: string
  readonly since: Date
}

/** What these instances have, by name of the extension. */
export async function listInstalledStates(
  connection: Connection,
  accountId: AccountId,
  instanceIds: readonly InstanceId[],
): Promise<InstalledStateRow[]> {
  const { rows } = await sql<InstalledStateRow>`
    select s.instance_id as "instanceId", s.extension_id as "extensionId", coalesce(e.name, s.extension_id) as "extensionName",
      s.status, s.version, s.configuration_id as "configurationId", s.parameters_digest as "parametersDigest",
      s.execution_id as "executionId", s.since
    from installed_states s
    left join extensions e on e.id = s.extension_id
    where s.instance_id = any(${instanceIds}) and s.account_id = ${accountId}
    order by "extensionName", s.instance_id
  `.execute(connection)
  return rows
}

/** On how many of the account's instances each version of these extensions is installed. */
export async function listInstalledCounts(
  connection: Connection,
  accountId: AccountId,
  extensionIds: readonly ExtensionId[],
): Promise<{ extensionId: ExtensionId; version: number; count: number }[]> {
  const { rows } = await sql<{ extensionId: ExtensionId; version: number; count: number }>`
    select extension_id as "extensionId", version, count(*) as count
    from installed_states
    where account_id = ${accountId} and extension_id = any(${extensionIds}) and status = 'installed'
    group by extension_id, version
    order by extension_id, version
  `.execute(connection)
  return rows
}
