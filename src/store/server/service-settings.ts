import { sql } from 'kysely'
import type { AccountId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

/** Settings of an account for the service; absent: never set. */
export interface ServiceSettingsRow {
  readonly deliveryOssBucketName?: string | undefined
  readonly deliveryOssKeyPrefix?: string | undefined
  readonly deliverySlsProjectName?: string | undefined
  readonly rdcEnterpriseId?: string | undefined
}

export async function getServiceSettingsRow(connection: Connection, accountId: AccountId): Promise<ServiceSettingsRow> {
  const row = await connection
    .selectFrom('service_settings')
    .select('settings')
    .where('account_id', '=', accountId)
    .executeTakeFirst()
  return (row?.settings ?? {}) as ServiceSettingsRow
}

/** Replaces all of them. */
export async function updateServiceSettings(
  connection: Connection,
  accountId: AccountId,
  settings: ServiceSettingsRow,
): Promise<void> {
  await sql`
    insert into service_settings (account_id, settings) values (${accountId}, ${JSON.stringify(settings)}::jsonb)
    on conflict (account_id) do update set settings = excluded.settings, updated_at = now()
  `.execute(connection)
}
