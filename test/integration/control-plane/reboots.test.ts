// What the server knows of a reboot: the task, its deadline and its counters, whatever is reported
// late, twice or not at all.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { InvocationState } from '../../../src/core/execution/invocation.ts'
import type { ExecutionId, InstanceId, InvocationId } from '../../../src/core/id.ts'
import { applyReports } from '../../../src/server/app/agent/apply-reports.ts'
import { handOutWork } from '../../../src/server/app/agent/hand-out-invocations.ts'
import type { Report } from '../../../src/server/app/agent/report.ts'
import { controlExecution } from '../../../src/server/app/execution/control-execution.ts'
import { readTasks } from '../../../src/server/app/execution/read-executions.ts'
import { renewWaiting } from '../../../src/server/app/execution/renew-waiting.ts'
import { showReason } from '../../../src/server/oos/execution/show-reason.ts'
import { actor, type ControlPlane, makeEnd, startControlPlane } from './control-plane.ts'

let plane: ControlPlane
beforeEach(async () => {
  plane = await startControlPlane()
  await plane.makeExtension('demo')
})
afterEach(() => plane.stop())

interface Work {
  readonly instanceId: InstanceId
  readonly invocationId: string
}

type Said = readonly [state: InvocationState, reboots?: number]

const say = ({ instanceId, invocationId }: Work, ...states: Said[]) =>
  applyReports(
    plane.context,
    states.map(
      ([state, reboots]): Report => ({
        kind: 'state',
        instanceId,
        invocationId: invocationId as InvocationId,
        state,
        step: undefined,
        reboots,
      }),
    ),
  )

const start = (options: Partial<{ reboot: 'allowed'; rebootTimeoutMs: number }> = {}, concurrency = 10) =>
  plane.start({
    operation: { kind: 'extension', action: 'install', extension: 'demo', parameters: {}, ...options },
    rateControl: { concurrency: String(concurrency) },
  })

const taskOf = async (id: ExecutionId) => {
  const [task] = await readTasks(plane.context, actor, id, { limit: 1 })
  return task as NonNullable<typeof task>
}

const invocation = async () => {
  const { rows } = await plane.db.pool.query(
    'select state, reboots, extract(epoch from deadline_at - now())::float8 as left from invocations',
  )
  return rows[0] as { state: string; reboots: number; left: number }
}

/** The deadlines have passed, and the dispatcher has noticed. */
async function fallSilent(id: ExecutionId): Promise<void> {
  await plane.db.pool.query("update invocations set deadline_at = now() - interval '1 second' where ended_at is null")
  plane.context.poke([id])
}

test('the task is Rebooting until the agent continues; late and repeated reports change nothing', async () => {
  const ids = await plane.enrol(1)
  const id = await start({ reboot: 'allowed' })
  const [work] = await plane.takeWork(ids, 1)
  await say(work!, ['running'])
  await say(work!, ['rebooting', 1])
  expect(await taskOf(id)).toMatchObject({ status: 'Rebooting', reason_code: 'Rebooting' })
  expect(showReason(await taskOf(id))).toContain('A script requested a reboot')
  expect(await plane.statuses(id)).toEqual({ Rebooting: 1 })
  // The agent did not receive the acknowledgement before the machine went down.
  await say(work!, ['running'], ['rebooting', 1])
  await say(work!, ['running'])
  expect(await taskOf(id)).toMatchObject({ status: 'Rebooting' })
  await say(work!, ['verifying', 1])
  expect(await taskOf(id)).toMatchObject({ status: 'Running', reason_code: 'Dispatched' })
  await say(work!, ['rebooting', 1])
  expect(await taskOf(id)).toMatchObject({ status: 'Running' })
  expect(await invocation()).toMatchObject({ state: 'verifying', reboots: 1 })
  await say(work!, ['rebooting', 2])
  expect(await taskOf(id)).toMatchObject({ status: 'Rebooting' })
  await plane.end([work!])
  await plane.untilStatus(id, 'Success')
  expect(await plane.statuses(id)).toEqual({ Success: 1 })
})

test('a reboot that the server hears of only afterwards: the task was never Rebooting', async () => {
  const ids = await plane.enrol(1)
  const id = await start({ reboot: 'allowed' })
  const [work] = await plane.takeWork(ids, 1)
  await say(work!, ['running'], ['rebooting', 1], ['running', 1])
  expect(await taskOf(id)).toMatchObject({ status: 'Running' })
  expect(await invocation()).toMatchObject({ state: 'running', reboots: 1 })
})

test('the invocation says whether the agent may reboot, and for how long', async () => {
  const ids = await plane.enrol(1)
  const rebootsOf = async () => {
    await plane.takeWork(ids, 1)
    const work = await handOutWork(plane.context, ids)
    return [...work.values()].flatMap(({ invocations }) => invocations.map(({ reboot }) => reboot))
  }
  const first = await start({ rebootTimeoutMs: 60_000 })
  expect(await rebootsOf()).toEqual([undefined])
  await plane.end(await plane.takeWork(ids, 1))
  await plane.untilStatus(first, 'Success')
  await start({ reboot: 'allowed', rebootTimeoutMs: 60_000 })
  expect(await rebootsOf()).toEqual([{ timeoutMs: 60_000 }])
})

test('an instance that does not return in time fails with that reason; a later end is noted', async () => {
  const ids = await plane.enrol(1)
  const id = await start({ reboot: 'allowed', rebootTimeoutMs: 20 * 60_000 })
  const [work] = await plane.takeWork(ids, 1)
  await say(work!, ['running'])
  await say(work!, ['rebooting', 1])
  const { left } = await invocation()
  expect(left).toBeGreaterThan(19 * 60)
  expect(left).toBeLessThanOrEqual(20 * 60)
  await fallSilent(id)
  await plane.untilStatus(id, 'Failed')
  expect(await taskOf(id)).toMatchObject({ status: 'Failed', reason_code: 'RebootTimedOut' })
  expect(showReason(await taskOf(id))).toBe(
    'The instance did not return within 20 min after a script requested a reboot. What happened on the instance is unknown until the agent is back.',
  )
  await applyReports(plane.context, [makeEnd(work!.instanceId, work!.invocationId, 'succeeded')])
  expect(await taskOf(id)).toMatchObject({ status: 'Failed' })
  expect(await plane.statuses(id)).toEqual({ Failed: 1 })
})

test('while a reboot waits for other scripts, heartbeats extend its deadline; a cancelled one is not extended', async () => {
  const ids = await plane.enrol(1)
  const id = await start({ reboot: 'allowed', rebootTimeoutMs: 20 * 60_000 })
  const [work] = await plane.takeWork(ids, 1)
  await say(work!, ['rebooting', 1])
  const named = [{ instanceId: work!.instanceId, ids: [work!.invocationId as InvocationId] }]
  await plane.db.pool.query("update invocations set deadline_at = now() + interval '1 minute'")
  await renewWaiting(plane.context, named)
  expect((await invocation()).left).toBeGreaterThan(19 * 60)
  await controlExecution(plane.context, actor, id, 'cancel')
  await plane.until(async () => (await invocation()).left < 60)
  await renewWaiting(plane.context, named)
  expect((await invocation()).left).toBeLessThan(60)
  await fallSilent(id)
  await plane.untilStatus(id, 'Cancelled')
  expect(await taskOf(id)).toMatchObject({ status: 'Cancelled', reason_code: 'CancelUnconfirmed' })
})

test('a rebooting task counts for the concurrency, and keeps its instance from other executions', async () => {
  const ids = await plane.enrol(2)
  const id = await start({ reboot: 'allowed' }, 1)
  const [work] = await plane.takeWork(ids, 1)
  await say(work!, ['rebooting', 1])
  const second = await start({}, 1)
  await plane.untilStatus(second, 'Running')
  plane.context.poke([id, second])
  const tasks = await readTasks(plane.context, actor, id, { limit: 2 })
  expect(tasks.map(({ status }) => status).sort()).toEqual(['Pending', 'Rebooting'])
  await plane.until(async () => {
    const others = await readTasks(plane.context, actor, second, { limit: 2 })
    return others.some(
      ({ instance_id: instanceId, reason_code: code }) =>
        instanceId === work!.instanceId && code === 'WaitingForOtherExecution',
    )
  })
  expect(await plane.statuses(id)).toEqual({ Pending: 1, Rebooting: 1 })
})
