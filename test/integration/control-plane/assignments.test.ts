/** Assignments on a real database; the test evaluates them, and acts for the agents. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ExecutionId, InstanceId } from '../../../src/core/id.ts'
import { readLocalTime } from '../../../src/lib/local-time.ts'
import { presentAssignment } from '../../../src/server/api/present/present-assignment.ts'
import {
  type AssignmentRequest,
  continueAssignment,
  putAssignment,
  readAssignment,
  removeAssignment,
  stopAssignment,
} from '../../../src/server/app/assignment/assignments.ts'
import { evaluateAssignments } from '../../../src/server/app/assignment/evaluate-assignments.ts'
import { controlExecution } from '../../../src/server/app/execution/control-execution.ts'
import { promoteVersion, removeChannel } from '../../../src/server/app/extension/channels.ts'
import { createGroup, removeGroup } from '../../../src/server/app/instance/groups.ts'
import { createWebhook } from '../../../src/server/app/notification/webhooks.ts'
import { actor, type ControlPlane, startControlPlane } from './control-plane.ts'

let plane: ControlPlane
let web: InstanceId[]
beforeEach(async () => {
  plane = await startControlPlane()
  await plane.makeExtension('demo')
  web = await plane.enrol(3, { tags: { role: 'web' } })
  await plane.enrol(2, { tags: { role: 'db' } })
  await connectAll()
  await createGroup(plane.context, actor, { name: 'web', filter: 'tag:role=web', description: '' })
})
afterEach(() => plane.stop())

const definition: AssignmentRequest = {
  name: 'demo-on-web',
  description: '',
  group: 'web',
  extension: 'demo',
  version: 'v1',
  parameters: {},
  rateControl: {},
  window: undefined,
  priority: 0,
  repair: false,
}
const put = (change: Partial<AssignmentRequest> = {}, replaces = false) =>
  putAssignment(plane.context, actor, { ...definition, ...change }, { replaces })
const evaluate = () => evaluateAssignments(plane.context, new AbortController().signal)
const read = (name = definition.name) => readAssignment(plane.context, actor, name)

/** Instances are online while they are connected to a live server. */
async function connectAll() {
  await plane.db.pool.query("insert into servers (id, host_name) values ('server-1', 'test') on conflict do nothing")
  await plane.db.pool.query("update instances set connected_to = 'server-1'")
}

/** The executions that evaluations have started, oldest first. */
async function executions(): Promise<{ id: ExecutionId; status: string; instances: number }[]> {
  const { rows } = await plane.db.pool.query(
    `select id, status, task_count::int as instances from executions where assignment_id is not null order by created_at`,
  )
  return rows
}

async function finish(ids: readonly InstanceId[], count: number, outcome: 'succeeded' | 'failed' = 'succeeded') {
  await plane.end(await plane.takeWork(ids, count), outcome)
}

test('an assignment installs on its group, and on an instance that joins later, once each', async () => {
  await put()
  await evaluate()
  const [first] = await executions()
  expect(first).toMatchObject({ instances: 3 })
  // While it runs, nothing else starts.
  await evaluate()
  expect(await executions()).toHaveLength(1)
  await finish(web, 3)
  await plane.untilStatus(first!.id, 'Success')
  await evaluate()
  await evaluate()
  expect(await executions()).toHaveLength(1)
  expect((await read()).row.outcome).toMatchObject({ members: 3, failed: 0 })
  const [late] = await plane.enrol(1, { tags: { role: 'web' } })
  await connectAll()
  await evaluate()
  const [, second] = await executions()
  expect(second).toMatchObject({ instances: 1 })
  await finish([late!], 1)
  await plane.untilStatus(second!.id, 'Success')
})

test('failures of all executions count against one budget, and a resume forgets them', async () => {
  await createWebhook(plane.context, actor, {
    name: 'ops',
    url: 'https://hooks.example/1',
    events: ['assignment.halted'],
  })
  await put({ rateControl: { maxErrors: 1 } })
  await evaluate()
  const [first] = await executions()
  await finish(web, 3, 'failed')
  await plane.untilStatus(first!.id, 'Failed')
  await evaluate()
  const { row } = await read()
  expect(row.haltReason).toEqual([{ code: 'AssignmentBudgetSpent', arguments: { failed: 3, maxErrors: 1 } }])
  const { rows } = await plane.db.pool.query('select type from notification_events')
  expect(rows).toEqual([{ type: 'assignment.halted' }])
  await plane.enrol(1, { tags: { role: 'web' } })
  await connectAll()
  await evaluate()
  expect(await executions()).toHaveLength(1)
  await continueAssignment(plane.context, actor, definition.name)
  await evaluate()
  expect((await executions())[1]).toMatchObject({ instances: 4 })
})

test('a cancelled execution halts the assignment', async () => {
  await put()
  await evaluate()
  const [first] = await executions()
  await controlExecution(plane.context, actor, first!.id, 'cancel')
  await plane.untilStatus(first!.id, 'Cancelled')
  await evaluate()
  await evaluate()
  expect(await executions()).toHaveLength(1)
  expect((await read()).row.haltReason).toMatchObject([{ code: 'AssignmentExecutionStopped' }])
})

test('a halted assignment starts nothing, also when its channel moves; blocked ones say why', async () => {
  await promoteVersion(plane.context, actor, { name: 'demo', channel: 'stable', version: 'v1' })
  await put({ version: 'stable' })
  await stopAssignment(plane.context, actor, definition.name)
  await evaluate()
  expect(await executions()).toEqual([])
  await continueAssignment(plane.context, actor, definition.name)
  await removeChannel(plane.context, actor, 'demo', 'stable')
  await evaluate()
  expect((await read()).row.failure).toMatchObject({ code: 'ChannelNotFound' })
  await promoteVersion(plane.context, actor, { name: 'demo', channel: 'stable', version: 'v1' })
  await evaluate()
  expect(presentAssignment(await read())).toMatchObject({ state: 'active', resolvedVersion: 'v1' })
  expect(await executions()).toHaveLength(1)
  // Its channel may mean another version while it is halted.
  await stopAssignment(plane.context, actor, definition.name)
  expect(presentAssignment(await read())).not.toHaveProperty('resolvedVersion')
  expect(presentAssignment(await continueAssignment(plane.context, actor, definition.name))).not.toHaveProperty(
    'resolvedVersion',
  )
})

test('of contradicting assignments the higher priority counts, and both are reported', async () => {
  await createGroup(plane.context, actor, { name: 'fleet', filter: 'all', description: '' })
  await put({ name: 'none', group: 'fleet', version: undefined })
  const { contradictions } = await put({ priority: 5 })
  expect(contradictions).toEqual([{ assignment: 'none', instances: 3, isStronger: false }])
  await evaluate()
  expect(await executions()).toMatchObject([{ instances: 3 }])
  expect((await read('none')).row.outcome).toMatchObject({ members: 5, overridden: 3, asDesired: 2 })
  expect((await read('none')).contradictions).toEqual([{ assignment: 'demo-on-web', instances: 3, isStronger: true }])
})

test('a group that suddenly matches every instance halts the assignment', async () => {
  await put()
  await plane.db.pool.query(`update instances set tags = '{"role": "web"}'`)
  await evaluate()
  expect(await executions()).toEqual([])
  expect((await read()).row.haltReason).toMatchObject([{ code: 'AssignmentGroupUnusual' }])
  await continueAssignment(plane.context, actor, definition.name)
  await evaluate()
  expect(await executions()).toMatchObject([{ instances: 5 }])
})

test('wrong definitions are refused when they are written', async () => {
  const refused = (change: Partial<AssignmentRequest>, error: object) =>
    expect(put(change)).rejects.toMatchObject(error)
  await refused({ version: 'stable' }, { code: 'ChannelNotFound' })
  await refused({ group: 'nope' }, { code: 'GroupNotFound' })
  await refused({ extension: 'nope' }, { code: 'ExtensionNotFound' })
  await refused({ parameters: { port: 'high' } }, { status: 400 })
  await refused({ window: 'Mon 01:00-01:00 UTC' }, { code: 'TimingInvalid' })
  await refused({ rateControl: { maxErrors: 'many' } }, { code: 'RateControlInvalid' })
  await put()
  await refused({}, { code: 'AssignmentExists' })
  await expect(removeGroup(plane.context, actor, 'web')).rejects.toMatchObject({ code: 'GroupInUse' })
  await removeAssignment(plane.context, actor, definition.name)
  await removeGroup(plane.context, actor, 'web')
})

test('secret parameters are stored sealed and reach the execution', async () => {
  const { row, secretNames } = await put({ parameters: { token: 'abc', port: 9000 } })
  expect(row.parameters).toEqual({ port: 9000 })
  expect(secretNames).toEqual(['token'])
  await evaluate()
  const { rows } = await plane.db.pool.query('select secret_parameters_sealed is not null as sealed from executions')
  expect(rows).toEqual([{ sealed: true }])
})

test('outside its window nothing starts, and it starts in the window without a change', async () => {
  const { minute } = readLocalTime('UTC', Date.now())
  const show = (one: number) => {
    const total = (one + 1440) % 1440
    return [Math.floor(total / 60), total % 60].map((number) => String(number).padStart(2, '0')).join(':')
  }
  await put({ window: `daily ${show(minute + 120)}-${show(minute + 180)} UTC` })
  await evaluate()
  expect(await executions()).toEqual([])
  expect((await read()).row.outcome).toMatchObject({ different: 3 })
  const later = { ...plane.context, clock: { ...plane.context.clock, now: () => Date.now() + 150 * 60_000 } }
  await evaluateAssignments(later, new AbortController().signal)
  expect(await executions()).toHaveLength(1)
})
