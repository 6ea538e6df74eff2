import { afterEach, beforeEach, expect, test } from 'vitest'
import { controlExecution } from '../../../src/server/app/execution/control-execution.ts'
import { tidyActivity } from '../../../src/server/app/execution/tidy-activity.ts'
import { getExtension } from '../../../src/server/app/extension/list-extensions.ts'
import { readOverview } from '../../../src/server/app/overview/read-overview.ts'
import { actor, type ControlPlane, startControlPlane } from './control-plane.ts'

let plane: ControlPlane
beforeEach(async () => {
  plane = await startControlPlane()
  await plane.makeExtension('demo')
})
afterEach(() => plane.stop())

const read = (days = 1) => readOverview(plane.context, actor, { days })
const totalOf = ({ activity }: Awaited<ReturnType<typeof read>>) =>
  activity.points.reduce(
    ([success, failed, cancelled], point) => [
      success! + point.success,
      failed! + point.failed,
      cancelled! + point.cancelled,
    ],
    [0, 0, 0],
  )

test('empty: every number is 0, and every hour has its point', async () => {
  const overview = await read()
  expect(overview).toMatchObject({ instances: { total: 0, online: 0, away: 0 }, recent: [], coverage: [], broken: [] })
  expect(overview.activity).toMatchObject({ unit: 'hour' })
  expect(overview.activity.points).toHaveLength(25)
  expect((await read(30)).activity).toMatchObject({ unit: 'day' })
  expect((await read(30)).activity.points).toHaveLength(31)
})

test('counts ended tasks by result, installed extensions by version, and lists what needs an operator', async () => {
  const ids = await plane.enrol(4)
  const id = await plane.start({ extension: 'demo', rateControl: { concurrency: 1, maxErrors: 0 } })
  for (const outcome of ['succeeded', 'succeeded', 'failed'] as const)
    await plane.end(await plane.takeWork(ids, 1), outcome)
  await plane.untilStatus(id, 'Failed')
  const waiting = await plane.start({ extension: 'demo', mode: 'FailurePause', rateControl: { concurrency: 1 } })
  await plane.end(await plane.takeWork(ids, 1), 'failed')
  await plane.untilStatus(waiting, 'Waiting')

  const overview = await read()
  expect(totalOf(overview)).toEqual([2, 2, 1])
  expect(overview.executionCounts).toEqual(
    new Map([
      ['Waiting', 1],
      ['Failed', 1],
    ]),
  )
  expect(overview.recent.map(({ execution }) => execution.id)).toEqual([waiting, id])
  expect(overview.waiting.map(({ execution }) => execution.id)).toEqual([waiting])
  expect(overview.failed.map(({ execution }) => execution.id)).toEqual([id])
  expect(overview.coverage).toEqual([{ name: 'demo', version: 1, status: 'installed', count: 2 }])
  expect(overview.instances).toMatchObject({ total: 4, online: 0 })

  await controlExecution(plane.context, actor, waiting, 'cancel')
  await plane.untilStatus(waiting, 'Cancelled')
  expect((await read()).waiting).toEqual([])
})

test('lists instances away for more than a day, and incomplete changes', async () => {
  const [lately, longAgo, never] = await plane.enrol(3)
  const { pool } = plane.db
  await pool.query(`update instances set last_seen_at = now() - interval '1 hour' where id = $1`, [lately])
  await pool.query(`update instances set last_seen_at = now() - interval '3 days' where id = $1`, [longAgo])
  await pool.query(`update instances set enrolled_at = now() - interval '2 days' where id = $1`, [never])
  await pool.query(
    `insert into installed_states (instance_id, extension_id, account_id, status, version, configuration_id, parameters_digest, execution_id)
     select $1, id, account_id, 'broken', 1, 'c1', '', 'exec-1' from extensions`,
    [lately],
  )
  const overview = await read()
  expect(overview.instances).toEqual({ total: 3, online: 0, away: 2 })
  expect(overview.away.map(({ id }) => id)).toEqual([longAgo, never])
  expect(overview.broken).toMatchObject([{ instanceId: lately, extension: 'demo', version: 1, executionId: 'exec-1' }])
  expect(overview.coverage).toMatchObject([{ name: 'demo', status: 'broken', count: 1 }])
})

test('past hours become one row each, with the same numbers as before', async () => {
  const { pool } = plane.db
  await pool.query(
    `insert into task_activity (account_id, hour, status, session, n)
     select 'default', date_trunc('hour', now(), 'UTC') - h * interval '1 hour', 'Success', s, 10
     from generate_series(0, 9) h, generate_series(1, 4) s`,
  )
  await pool.query(`insert into task_activity values ('default', now() - interval '400 days', 'Failed', 0, 7)`)
  const before = await read()
  await tidyActivity(plane.context)
  await tidyActivity(plane.context)
  expect((await read()).activity).toEqual(before.activity)
  expect(totalOf(before)).toEqual([400, 0, 0])
  const { rows } = await pool.query('select session <> 0 as young, count(*) from task_activity group by 1 order by 1')
  // Three hours are recent enough that sessions may still count in them.
  expect(rows).toEqual([
    { young: false, count: 7 },
    { young: true, count: 12 },
  ])
})

test('shows nothing of another account', async () => {
  const ids = await plane.enrol(1)
  const id = await plane.start({ extension: 'demo' })
  await plane.end(await plane.takeWork(ids, 1))
  await plane.untilStatus(id, 'Success')
  const overview = await readOverview(plane.context, { ...actor, accountId: 'other' as never }, { days: 1 })
  expect(overview).toMatchObject({ instances: { total: 0 }, recent: [], coverage: [], executionCounts: new Map() })
  expect(totalOf(overview)).toEqual([0, 0, 0])
})

test('counts all instances that one change left incomplete, even if they are not listed', async () => {
  const ids = await plane.enrol(14)
  for (const id of ids)
    await plane.db.pool.query(
      `insert into installed_states (instance_id, extension_id, account_id, status, version, configuration_id, parameters_digest, execution_id)
       select $1, id, account_id, 'broken', 1, 'c1', '', 'exec-1' from extensions`,
      [id],
    )
  const { broken } = await read()
  expect([broken.length, new Set(broken.map(({ sameCount }) => sameCount))]).toEqual([10, new Set([14])])
  expect(await getExtension(plane.context, actor, 'demo')).toMatchObject({ installedOn: new Map(), brokenOn: 14 })
})
