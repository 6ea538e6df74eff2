/** Recurring schedules on a real database; the test has their clock. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parsePolicy } from '../../../src/core/access/parse-policy.ts'
import type { ExecutionId, InstanceId } from '../../../src/core/id.ts'
import { createPolicy } from '../../../src/server/app/access/policy/create-policy.ts'
import { readExecution } from '../../../src/server/app/execution/read-executions.ts'
import {
  createSchedule,
  pauseSchedule,
  readSchedule,
  removeSchedule,
  runSchedule,
  type ScheduleRequest,
} from '../../../src/server/app/timing/schedules.ts'
import { startDueSchedules } from '../../../src/server/app/timing/start-due-schedules.ts'
import { actor, type ControlPlane, startControlPlane } from './control-plane.ts'

let plane: ControlPlane
let ids: InstanceId[]
/** The first full hour after the test began. */
let first: number
beforeEach(async () => {
  plane = await startControlPlane()
  ids = await plane.enrol(1)
  await plane.makeExtension('demo')
  first = (Math.floor(Date.now() / hourMs) + 1) * hourMs
})
afterEach(() => plane.stop())

const hourMs = 3_600_000
const create = (more: Partial<ScheduleRequest> = {}, as = actor) =>
  createSchedule(plane.context, as, {
    name: 'hourly',
    cron: '0 * * * *',
    timeZone: 'UTC',
    onMissed: 'skip',
    onOverlap: 'skip',
    request: {
      operation: { kind: 'extension', action: 'install', extension: 'demo', parameters: { token: 'hunter2' } },
      targets: { kind: 'ids', ids },
      rateControl: {},
      mode: 'Automatic',
      description: '',
      deliveryTimeoutMs: 600_000,
    },
    ...more,
  })
const show = async () => (await readSchedule(plane.context, actor, 'hourly')).schedule
const at = (hours: number) => startDueSchedules(plane.context, new Date(first + hours * hourMs))
const listExecutions = async () =>
  (await plane.db.pool.query('select id, created_by, description from executions order by created_at')).rows

async function finish(id: string) {
  const execution = id as ExecutionId
  await plane.end(await plane.takeWork(ids, 1))
  await plane.untilStatus(execution, 'Success')
}

test('it starts at its times, once for all servers, and skips a time while the last execution runs', async () => {
  await create()
  await startDueSchedules(plane.context, new Date(first - 1))
  expect(await listExecutions()).toEqual([])
  await Promise.all([at(0), at(0), at(0)])
  await at(0.5)
  const [one, ...more] = await listExecutions()
  expect(more).toEqual([])
  expect(one).toMatchObject({ created_by: 'admin', description: 'Schedule hourly' })
  expect(await show()).toMatchObject({ last_outcome: 'started', next_at: new Date(first + hourMs) })
  await at(1)
  expect(await listExecutions()).toHaveLength(1)
  expect(await show()).toMatchObject({ last_outcome: 'overlap', last_execution_id: one.id })
  await finish(one.id)
  await at(2)
  expect(await listExecutions()).toHaveLength(2)
})

test('wait: it starts as soon as the last execution has ended, once for all times in between', async () => {
  await create({ onOverlap: 'wait' })
  await at(0)
  await at(1)
  await at(3)
  expect((await show()).waiting).toBe(true)
  const [one] = await listExecutions()
  await finish(one.id)
  await at(3.5)
  await at(3.6)
  expect(await listExecutions()).toHaveLength(2)
  expect(await show()).toMatchObject({ waiting: false, next_at: new Date(first + 4 * hourMs) })
})

test('missed times are skipped, or made up for once', async () => {
  await create()
  await at(5.5)
  expect(await show()).toMatchObject({ last_outcome: 'missed', next_at: new Date(first + 6 * hourMs) })
  expect(await listExecutions()).toEqual([])
  await removeSchedule(plane.context, actor, 'hourly')
  await create({ onMissed: 'run' })
  await at(9.5)
  await at(9.6)
  expect(await listExecutions()).toHaveLength(1)
})

test('a paused schedule starts nothing but by hand, and makes up for nothing', async () => {
  await create({ onMissed: 'run' })
  await pauseSchedule(plane.context, actor, 'hourly', true)
  await at(3)
  expect(await listExecutions()).toEqual([])
  const id = await runSchedule(plane.context, actor, 'hourly')
  expect((await readExecution(plane.context, actor, id)).execution.created_by).toBe('admin')
  const { upcoming } = await pauseSchedule(plane.context, actor, 'hourly', false)
  expect(upcoming[0]).toBe(first)
  const { rows } = await plane.db.pool.query(
    "select action from audit_log where resource = 'schedule/hourly' order by id",
  )
  expect(rows.map(({ action }) => action)).toEqual(['CreateSchedule', 'PauseSchedule', 'ResumeSchedule'])
})

test('it starts with the permissions that its creator has then; a refusal is shown, and the next time is tried', async () => {
  const document = { Version: '1', Statement: [{ Effect: 'Allow', Action: ['oos:*', 'ecs:*'], Resource: '*' }] }
  const parsed = parsePolicy(document)
  if (!('document' in parsed)) throw new Error('the policy is valid')
  const ann = { ...actor, name: 'ann', policies: [{ name: 'oos', document: parsed.document }] }
  await create({}, ann)
  // Ann's policies were detached meanwhile.
  await at(0)
  expect(await show()).toMatchObject({ last_outcome: 'failed', last_failure: { code: 'AccessDenied' } })
  expect(await listExecutions()).toEqual([])
  await plane.db.pool.query("insert into users (account_id, name) values ('default', 'ann')")
  await createPolicy(plane.context, actor, { name: 'oos', description: '', document })
  await plane.db.pool.query(
    "insert into user_policies (account_id, user_name, policy_name) values ('default', 'ann', 'oos')",
  )
  await at(1)
  expect(await show()).toMatchObject({ last_outcome: 'started', last_failure: null })
})

test.each([
  ['an expression that never fires', { cron: '0 0 30 2 *' }, 'ScheduleInvalid'],
  ['an expression that is none', { cron: 'daily' }, 'ScheduleInvalid'],
  ['a time zone that does not exist', { timeZone: 'Mars/Olympus' }, 'ScheduleInvalid'],
] as const)('%s is refused', async (_, more, code) => {
  await expect(create(more)).rejects.toMatchObject({ code })
})

test('secret values of the request are sealed; a name is taken once', async () => {
  await create()
  const { rows } = await plane.db.pool.query('select s::text as row from schedules s')
  expect(rows[0].row).not.toContain('hunter2')
  await expect(create()).rejects.toMatchObject({ code: 'ScheduleExists' })
})
