import type { Selectable } from 'kysely'
import type { AccountId } from '../../core/id.ts'
import type { Connection, Schema } from '../database/database.ts'

export type WebhookRow = Selectable<Schema['webhooks']>

/** The webhooks of an account by name. */
export async function listWebhooks(connection: Connection, accountId: AccountId): Promise<WebhookRow[]> {
  return await connection
    .selectFrom('webhooks')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('name')
    .limit(1_000)
    .execute()
}

export async function getWebhook(
  connection: Connection,
  accountId: AccountId,
  name: string,
): Promise<WebhookRow | undefined> {
  return await connection
    .selectFrom('webhooks')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('name', '=', name)
    .executeTakeFirst()
}

/** Undefined if the account has a webhook with this name. */
export async function insertWebhook(
  connection: Connection,
  webhook: Pick<
    WebhookRow,
    'id' | 'account_id' | 'name' | 'format' | 'events' | 'shown_url' | 'target_sealed' | 'created_by'
  >,
): Promise<WebhookRow | undefined> {
  return await connection
    .insertInto('webhooks')
    .values(webhook)
    .onConflict((conflict) => conflict.columns(['account_id', 'name']).doNothing())
    .returningAll()
    .executeTakeFirst()
}

/** Changes where a webhook sends what; deliveries that are due follow it. */
export async function updateWebhook(
  connection: Connection,
  id: string,
  change: Pick<WebhookRow, 'format' | 'events' | 'shown_url' | 'target_sealed'>,
): Promise<WebhookRow> {
  return await connection
    .updateTable('webhooks')
    .set({ ...change, failures: 0, paused_until: null })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** False if the account has no such webhook. Its deliveries are deleted with it. */
export async function deleteWebhook(connection: Connection, accountId: AccountId, name: string): Promise<boolean> {
  const { numDeletedRows } = await connection
    .deleteFrom('webhooks')
    .where('account_id', '=', accountId)
    .where('name', '=', name)
    .executeTakeFirst()
  return numDeletedRows > 0n
}
