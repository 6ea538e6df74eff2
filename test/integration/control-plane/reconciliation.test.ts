import { afterEach, beforeEach, expect, test } from 'vitest'
import type { InvocationState } from '../../../src/core/execution/invocation.ts'
import type { ExecutionId, InstanceId, InvocationId } from '../../../src/core/id.ts'
import { instanceDetailSchema } from '../../../src/protocol/api/instances.ts'
import { presentInstanceDetail } from '../../../src/server/api/present/present-instance.ts'
import { applyReports } from '../../../src/server/app/agent/apply-reports.ts'
import { type AgentInventory, reconcileAgents } from '../../../src/server/app/agent/reconcile-agents.ts'
import type { Report } from '../../../src/server/app/agent/report.ts'
import { findArtifactUrl } from '../../../src/server/app/artifact/find-artifact-url.ts'
import { controlExecution } from '../../../src/server/app/execution/control-execution.ts'
import { deleteExecutions } from '../../../src/server/app/execution/delete-executions.ts'
import { readTasks } from '../../../src/server/app/execution/read-executions.ts'
import { renewWaiting } from '../../../src/server/app/execution/renew-waiting.ts'
import { getInstanceDetail } from '../../../src/server/app/instance/get-instance.ts'
import { makePlan } from '../../../src/server/app/plan/make-plan.ts'
import { reconcile } from '../../../src/server/dispatcher/reconcile.ts'
import { showReason } from '../../../src/server/oos/execution/show-reason.ts'
import { listDrift } from '../../../src/store/instance/installed-records.ts'
import { notePresence } from '../../../src/store/server/server-presence.ts'
import { actor, type ControlPlane, makeEnd, startControlPlane } from './control-plane.ts'

let plane: ControlPlane
let instanceId: InstanceId
beforeEach(async () => {
  plane = await startControlPlane()
  const [first] = await plane.enrol(1)
  instanceId = first as InstanceId
  await plane.makeExtension('demo')
})
afterEach(() => plane.stop())

interface Started {
  readonly executionId: ExecutionId
  readonly id: InvocationId
}

/** An installation that the agent received, with this reported state. */
async function begin(...states: InvocationState[]): Promise<Started> {
  const executionId = await plane.start({ extension: 'demo' })
  const [work] = await plane.takeWork([instanceId], 1)
  const id = work?.invocationId as InvocationId
  await say(...states.map((state): Report => ({ kind: 'state', instanceId, invocationId: id, state, step: undefined })))
  return { executionId, id }
}

const say = async (...reports: Report[]) => {
  if (reports.length > 0) await applyReports(plane.context, reports)
}

const unknown = (invocationId: InvocationId): Report => ({ kind: 'unknown', instanceId, invocationId })

/** All deadlines have passed, and the dispatcher has noticed. */
async function fallSilent({ executionId }: Started): Promise<void> {
  await plane.db.pool.query("update invocations set deadline_at = now() - interval '1 second' where ended_at is null")
  plane.context.poke([executionId])
  await plane.until(async () => (await taskOf(executionId)).status !== 'Running')
}

/** Resolves when the server has sent a cancel for the running invocation. */
async function cancel({ executionId, id }: Started): Promise<void> {
  await controlExecution(plane.context, actor, executionId, 'cancel')
  await plane.until(async () => {
    const { rows } = await plane.db.pool.query(
      'select from invocations where id = $1 and cancel_requested_at is not null',
      [id],
    )
    return rows.length > 0
  })
}

const taskOf = async (executionId: ExecutionId) => {
  const [task] = await readTasks(plane.context, actor, executionId, { limit: 1 })
  return task as NonNullable<typeof task>
}

const hello = async (inventory: Partial<AgentInventory>) =>
  (
    await reconcileAgents(plane.context, [
      { instanceId, inventory: { open: [], installed: [], isComplete: true, ...inventory } },
    ])
  ).get(instanceId)

const states = async () =>
  (await plane.db.pool.query('select extension_id, status, version, content_digest from installed_states')).rows

const record = async (version: number, contentDigest?: string) => {
  const { rows } = await plane.db.pool.query('select id from extensions')
  const fields = { status: 'installed', configurationId: 'c1', parametersDigest: 'a'.repeat(64) } as const
  return { extensionId: rows[0].id as string, extensionName: 'demo', version, contentDigest, ...fields }
}

test.each(['accepted', 'running'] as const)(
  'a cancel is said to an agent that was away for too long and comes back with it %s',
  async (state) => {
    const started = await begin(state)
    await cancel(started)
    await fallSilent(started)
    expect(await taskOf(started.executionId)).toMatchObject({ reason_code: 'CancelUnconfirmed' })
    expect(await hello({ open: [{ id: started.id, state }] })).toMatchObject({ cancelled: [started.id], over: [] })
  },
)

test('a cancel outlives its execution, until the agent has stopped the task', async () => {
  const started = await begin('running')
  await cancel(started)
  await fallSilent(started)
  await plane.untilStatus(started.executionId, 'Cancelled')
  await deleteExecutions(plane.context, actor, [started.executionId], { force: false })
  expect(await hello({ open: [{ id: started.id, state: 'running' }] })).toMatchObject({ cancelled: [started.id] })
  await say({
    ...makeEnd(instanceId, started.id, 'succeeded'),
    extension: { id: (await record(1)).extensionId, name: 'demo' },
  } as Report)
  expect(await states()).toMatchObject([{ status: 'installed', version: 1 }])
  expect(await hello({ open: [], installed: [await record(1)] })).toMatchObject({ cancelled: [], settled: [] })
})

test('a timed-out invocation is over: an agent that returns with it does not start it', async () => {
  const started = await begin('accepted')
  await fallSilent(started)
  expect(await hello({ open: [{ id: started.id, state: 'waiting' }] })).toMatchObject({ over: [started.id] })
})

test('an unknown state is resolved when the agent is back', async () => {
  const never = await begin()
  await fallSilent(never)
  expect(showReason(await taskOf(never.executionId))).toContain('unknown until the agent is back')
  expect(await hello({})).toMatchObject({ wanted: [never.id] })
  await say(unknown(never.id))
  const reason = showReason(await taskOf(never.executionId))
  expect(reason).not.toContain('unknown')
  expect(reason).toContain('never received it: nothing was run')
  expect(await hello({})).toMatchObject({ wanted: [] })
})

test('a restored server requests the ends that it lacks, and fails what the agent does not know', async () => {
  const started = await begin('accepted', 'running')
  expect(await hello({})).toMatchObject({ wanted: [started.id] })
  expect((await taskOf(started.executionId)).status).toBe('Running')
  await say(makeEnd(instanceId, started.id, 'succeeded'))
  expect((await taskOf(started.executionId)).status).toBe('Success')
  const other = await begin('running')
  await say(unknown(other.id))
  expect(await taskOf(other.executionId)).toMatchObject({ status: 'Failed', reason_code: 'Lost' })
})

test('invocations of an agent of an old version fail if its list is complete, and not if it may be truncated', async () => {
  const started = await begin('running')
  await hello({ installed: undefined, isComplete: false })
  expect((await taskOf(started.executionId)).status).toBe('Running')
  await hello({ installed: undefined })
  expect((await taskOf(started.executionId)).reason_code).toBe('Lost')
})

test('the instance decides what is installed, and a difference is drift', async () => {
  await hello({ installed: [await record(2)] })
  expect(await states()).toMatchObject([{ version: 2 }])
  await hello({ installed: [await record(1)] })
  expect(await states()).toMatchObject([{ version: 1 }])
  await hello({ installed: [await record(1)] })
  await hello({ installed: [] })
  expect(await states()).toEqual([])
  expect(await listDrift(plane.db.database, instanceId, 10)).toMatchObject([
    { expected: { version: 1 }, found: null },
    { expected: { version: 2 }, found: { version: 1 } },
    { expected: null, found: { version: 2 } },
  ])
  const shown = presentInstanceDetail(await getInstanceDetail(plane.context, actor, instanceId))
  expect(instanceDetailSchema.parse(shown).drift).toEqual([
    {
      extension: 'demo',
      noticedAt: expect.any(String),
      expected: { status: 'installed', version: 'v1' },
      differs: ['installed'],
    },
    {
      extension: 'demo',
      noticedAt: expect.any(String),
      expected: { status: 'installed', version: 'v2' },
      found: { status: 'installed', version: 'v1' },
      differs: ['version'],
    },
    {
      extension: 'demo',
      noticedAt: expect.any(String),
      found: { status: 'installed', version: 'v2' },
      differs: ['installed'],
    },
  ])
})

test('a change whose end is on its way is not drift', async () => {
  const started = await begin('running')
  await hello({ open: [{ id: started.id, state: 'ended' }], installed: [await record(1)] })
  expect(await listDrift(plane.db.database, instanceId, 10)).toEqual([])
})

test('a version with the same number and other content is not the wanted one', async () => {
  const body = {
    operation: { kind: 'extension', action: 'install', extension: 'demo', parameters: {} },
    targets: { kind: 'all' },
    rateControl: {},
  } as const
  const plan = async () => (await makePlan(plane.context, actor, body)).planned[0]
  const { parametersDigest: digest } = (await makePlan(plane.context, actor, body)).operation as {
    parametersDigest: string
  }
  await hello({ installed: [{ ...(await record(1)), parametersDigest: digest }] })
  expect(await plan()).toMatchObject({ step: 'none' })
  await hello({ installed: [{ ...(await record(1, 'b'.repeat(64))), parametersDigest: digest }] })
  expect(await plan()).toMatchObject({ step: 'update', reason: [{ code: 'ContentDiffers' }] })
})

test('an invocation that waits on its instance is not lost while its agent says so', async () => {
  const started = await begin('waiting')
  await plane.db.pool.query("update invocations set deadline_at = now() + interval '1 second'")
  await renewWaiting(plane.context, [{ instanceId, ids: [started.id] }])
  const { rows } = await plane.db.pool.query(
    "select deadline_at > now() + interval '5 minutes' as renewed from invocations",
  )
  expect(rows).toEqual([{ renewed: true }])
})

test('a URL is only issued for an artifact of an open invocation', async () => {
  const started = await begin('accepted')
  const sha256 = 'c'.repeat(64)
  const artifact = JSON.stringify({ sha256, fileName: 'demo.bin', sizeBytes: 1, kind: 'file' })
  await plane.db.pool.query(
    "update extension_versions set configurations = jsonb_set(configurations, '{0,artifact}', $1::jsonb)",
    [artifact],
  )
  const ask = (body: object) =>
    findArtifactUrl(plane.context, { instanceId, invocationId: started.id, sha256, ...body })
  expect(await ask({})).toEqual({ url: expect.stringContaining(sha256) })
  expect(await ask({ sha256: 'd'.repeat(64) })).toEqual({ refused: expect.any(String) })
  expect(await ask({ instanceId: 'i-0000000000000000' })).toEqual({ refused: expect.any(String) })
  await say(makeEnd(instanceId, started.id, 'failed'))
  expect(await ask({})).toEqual({ refused: expect.any(String) })
})

test('time without any server counts against no task, and nothing times out before agents could report', async () => {
  const started = await begin('running')
  await plane.stopDispatcher()
  await plane.db.pool.query("update server_presence set seen_at = now() - interval '10 minutes'")
  await plane.db.pool.query("update invocations set deadline_at = now() - interval '1 minute'")
  const effects = { nudge: () => undefined, poke: () => undefined, changed: () => undefined }
  await reconcile(plane.db.database, started.executionId, effects)
  expect((await taskOf(started.executionId)).status).toBe('Running')
  expect(await notePresence(plane.db.database, { isStarting: true })).toBeGreaterThan(590_000)
  await reconcile(plane.db.database, started.executionId, effects)
  expect((await taskOf(started.executionId)).status).toBe('Running')
  const { rows } = await plane.db.pool.query(
    "select deadline_at > now() + interval '8 minutes' as moved from invocations",
  )
  expect(rows).toEqual([{ moved: true }])
  expect(await notePresence(plane.db.database, { isStarting: false })).toBe(0)
})
