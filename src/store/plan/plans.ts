import { sql } from 'kysely'
import type { AccountId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

export interface KeptPlanRow {
  readonly id: string
  readonly accountId: AccountId
  readonly createdBy: string
  readonly digest: string
  readonly templates: readonly string[]
}

/**
 * Stores a plan, and deletes those of its user that are too old or too many. Pages are JSON of
 * their targets.
 */
export async function insertPlan(
  connection: Connection,
  plan: KeptPlanRow,
  pages: readonly string[],
  kept: { readonly ms: number; readonly perUser: number },
): Promise<void> {
  await sql`
    delete from plans where account_id = ${plan.accountId} and id in (
      select id from plans
      where account_id = ${plan.accountId} and created_by = ${plan.createdBy}
      order by created_at desc offset ${kept.perUser - 1}
    )
  `.execute(connection)
  await sql`
    delete from plans where account_id = ${plan.accountId} and created_at < now() - ${kept.ms} * interval '1 millisecond'
  `.execute(connection)
  await sql`
    with plan as (
      insert into plans (id, account_id, created_by, digest, templates)
      values (${plan.id}, ${plan.accountId}, ${plan.createdBy}, ${plan.digest}, ${plan.templates}::text[])
      returning id
    )
    insert into plan_pages (plan_id, number, targets)
    select plan.id, page.number - 1, page.targets
    from plan, unnest(${pages}::text[]) with ordinality as page (targets, number)
  `.execute(connection)
}

/** Undefined if the account has no such plan. */
export async function getPlan(
  connection: Connection,
  accountId: AccountId,
  id: string,
): Promise<KeptPlanRow | undefined> {
  const { rows } = await sql<KeptPlanRow>`
    select id, account_id as "accountId", created_by as "createdBy", digest, templates
    from plans where id = ${id} and account_id = ${accountId}
  `.execute(connection)
  return rows[0]
}

/** One page, and whether another follows. */
export async function getPlanPage(
  connection: Connection,
  id: string,
  number: number,
): Promise<{ targets: string; isLast: boolean } | undefined> {
  const { rows } = await sql<{ targets: string; isLast: boolean }>`
    select targets, not exists (select from plan_pages n where n.plan_id = p.plan_id and n.number = p.number + 1) as "isLast"
    from plan_pages p where plan_id = ${id} and number = ${number}
  `.execute(connection)
  return rows[0]
}

/** All pages of the newest plan with a digest, in order; none if it is not stored. */
export async function listPlanPages(connection: Connection, accountId: AccountId, digest: string): Promise<string[]> {
  const { rows } = await sql<{ targets: string }>`
    select targets from plan_pages
    where plan_id = (
      select id from plans where account_id = ${accountId} and digest = ${digest} order by created_at desc limit 1
    )
    order by number
  `.execute(connection)
  return rows.map(({ targets }) => targets)
}
