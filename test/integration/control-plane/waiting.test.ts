import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ExecutionId } from '../../../src/core/id.ts'
import { reconcile } from '../../../src/server/dispatcher/reconcile.ts'
import { lockExecutionState } from '../../../src/store/execution/execution-state.ts'
import { deleteReleasedWaits, releaseStaleWaits } from '../../../src/store/task/task-starts.ts'
import { type ControlPlane, startControlPlane } from './control-plane.ts'

let plane: ControlPlane
beforeEach(async () => {
  plane = await startControlPlane()
  await plane.makeExtension('demo')
})
afterEach(() => plane.stop())

const effects = { nudge: () => undefined, poke: () => undefined, changed: () => undefined }

/**
 * An execution that runs on so many instances, and a second one that waits for all of them. The
 * dispatcher is stopped.
 */
async function startTwo(count: number) {
  const ids = await plane.enrol(count)
  const request = {
    extension: 'demo',
    targets: { kind: 'ids', ids },
    rateControl: { mode: 'Concurrency', concurrency: 1_000 },
  } as const
  await plane.start(request)
  const work = await plane.takeWork(ids, count)
  const waiting = await plane.start(request)
  await expect.poll(() => countReasons(waiting)).toEqual({ 'Pending WaitingForOtherExecution': count })
  await plane.stopDispatcher()
  return { waiting, work }
}

/** Tasks by status and reason, which must equal the counters. */
async function countReasons(id: ExecutionId): Promise<Record<string, number>> {
  const { rows } = await sql<{ what: string; counted: number; found: number }>`
    select what, sum(counted)::int as counted, sum(found)::int as found from (
      select status || ' ' || reason_code as what, n as counted, 0 as found from task_counts where execution_id = ${id}
      union all
      select status || ' ' || reason_code, 0, 1 from task_executions where execution_id = ${id}
    ) each group by what having sum(counted) <> 0 or sum(found) <> 0
  `.execute(plane.db.database)
  for (const { what, counted, found } of rows) expect({ what, n: counted }).toEqual({ what, n: found })
  return Object.fromEntries(rows.map(({ what, found }) => [what, found]))
}

/**
 * Number of rows that the waiting execution reads to find startable tasks, after one task of the
 * first has ended.
 */
async function countRowsRead(count: number): Promise<number> {
  const { waiting, work } = await startTwo(count)
  await plane.end(work.slice(0, 1))
  await sql`analyze`.execute(plane.db.database)
  return plane.db.database.transaction().execute(async (transaction) => {
    // The view also contains reads of earlier transactions of the connection that PostgreSQL has
    // not aggregated yet.
    const countSoFar = async () => {
      const { rows } = await sql<{ n: number }>`
        select sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::int as n from pg_stat_xact_user_tables
      `.execute(transaction)
      return rows[0]!.n
    }
    const before = await countSoFar()
    const execution = await lockExecutionState(transaction, waiting)
    expect(await deleteReleasedWaits(transaction, execution!)).toBe(1)
    expect((await lockExecutionState(transaction, waiting))?.candidates).toHaveLength(1)
    return (await countSoFar()) - before
  })
}

test('the cost of a waiting execution does not depend on the number of waiting tasks', async () => {
  const few = await countRowsRead(50)
  await plane.stop()
  plane = await startControlPlane()
  await plane.makeExtension('demo')
  const many = await countRowsRead(1_000)
  expect(many).toBeLessThan(few * 1.5 + 20)
})

test('a released lock frees the tasks that wait for it, and no others', async () => {
  const { waiting, work } = await startTwo(3)
  await plane.end(work.slice(0, 2))
  await reconcile(plane.db.database, waiting, effects)
  expect(await countReasons(waiting)).toEqual({ 'Pending WaitingForOtherExecution': 1, 'Running Dispatched': 2 })
})

test('the sweep finds a wait that was skipped when its lock was released', async () => {
  const { waiting, work } = await startTwo(2)
  await plane.end(work)
  await plane.db.pool.query('update mutation_waits set released = false')
  await reconcile(plane.db.database, waiting, effects)
  expect(await countReasons(waiting)).toEqual({ 'Pending WaitingForOtherExecution': 2 })
  await releaseStaleWaits(plane.db.database)
  await reconcile(plane.db.database, waiting, effects)
  expect(await countReasons(waiting)).toEqual({ 'Running Dispatched': 2 })
})
