import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ChandlerError } from '../../../src/core/error/errors.ts'
import type { RateControlInput } from '../../../src/core/execution/resolve-rate-control.ts'
import { applyReports } from '../../../src/server/app/agent/apply-reports.ts'
import { handOutWork } from '../../../src/server/app/agent/hand-out-invocations.ts'
import { controlExecution } from '../../../src/server/app/execution/control-execution.ts'
import { controlTasks } from '../../../src/server/app/execution/control-tasks.ts'
import { readExecution, readExecutions, readTasks } from '../../../src/server/app/execution/read-executions.ts'
import { planRetry, retryExecution } from '../../../src/server/app/execution/retry-execution.ts'
import { createExtension } from '../../../src/server/app/extension/create-extension.ts'
import { removeInstance } from '../../../src/server/app/instance/remove-instance.ts'
import { reconcile } from '../../../src/server/dispatcher/reconcile.ts'
import { showReason } from '../../../src/server/oos/execution/show-reason.ts'
import { updateExecutionRow } from '../../../src/store/execution/executions.ts'
import { endPendingTasks } from '../../../src/store/task/task-ends.ts'
import { actor, type ControlPlane, makeEnd, startControlPlane } from './control-plane.ts'

let plane: ControlPlane
beforeEach(async () => {
  plane = await startControlPlane()
  await plane.makeExtension('demo')
})
afterEach(() => plane.stop())

describe('batches', () => {
  test('open in order, each when the previous one has ended', async () => {
    const ids = await plane.enrol(6)
    const id = await plane.start({ extension: 'demo', rateControl: { mode: 'Batch', batches: [1, 2, 3] } })
    for (const size of [1, 2, 3]) {
      const work = await plane.takeWork(ids, size)
      expect(work).toHaveLength(size)
      await plane.end(work)
    }
    await plane.untilStatus(id, 'Success')
    expect(await plane.statuses(id)).toEqual({ Success: 6 })
    const { execution } = await readExecution(plane.context, actor, id)
    expect(showReason(execution)).toBe('6 succeeded')
  })

  test('wait for an operator if configured', async () => {
    const ids = await plane.enrol(3)
    const rateControl = { mode: 'Batch', batches: [1], batchPause: 'FirstBatchPause' } as const
    const id = await plane.start({ extension: 'demo', rateControl })
    await plane.end(await plane.takeWork(ids, 1))
    await plane.untilStatus(id, 'Waiting')
    expect(await plane.statuses(id)).toEqual({ Success: 1, Pending: 2 })
    await controlExecution(plane.context, actor, id, 'resume')
    await plane.end(await plane.takeWork(ids, 1))
    await plane.end(await plane.takeWork(ids, 1))
    await plane.untilStatus(id, 'Success')
  })
})

describe('failures', () => {
  test('beyond the error budget cancel the tasks that have not started', async () => {
    const ids = await plane.enrol(5)
    const id = await plane.start({ extension: 'demo', rateControl: { concurrency: 2, maxErrors: 0 } })
    const [first, second] = await plane.takeWork(ids, 2)
    await plane.end([first!], 'failed')
    await plane.until(async () => (await plane.statuses(id)).Cancelled === 3)
    expect(await plane.statuses(id)).toEqual({ Failed: 1, Running: 1, Cancelled: 3 })
    await plane.end([second!])
    await plane.untilStatus(id, 'Failed')
    const { execution } = await readExecution(plane.context, actor, id)
    expect(showReason(execution)).toBe('1 succeeded, 1 failed (ScriptFailed 1), 3 cancelled (ErrorBudgetSpent 3)')
    expect(execution.reason_code).toBe('ErrorBudgetSpent')
  })

  test('wait for an operator in mode FailurePause: retried, then skipped', async () => {
    const ids = await plane.enrol(2)
    const id = await plane.start({ extension: 'demo', mode: 'FailurePause', rateControl: { concurrency: 1 } })
    const [failing] = await plane.takeWork(ids, 1)
    await plane.end([failing!], 'failed')
    await plane.untilStatus(id, 'Waiting')
    await controlTasks(plane.context, actor, id, { instanceIds: [failing!.instanceId] }, 'retryTask')
    const again = await plane.takeWork(ids, 1)
    expect(again[0]!.invocationId).toBe(failing!.invocationId.replace(/1$/, '2'))
    await plane.end(again, 'failed')
    await plane.untilStatus(id, 'Waiting')
    await controlTasks(plane.context, actor, id, { instanceIds: [failing!.instanceId] }, 'skipTask')
    await plane.end(await plane.takeWork(ids, 1))
    await plane.untilStatus(id, 'Success')
    expect(await plane.statuses(id)).toEqual({ Skipped: 1, Success: 1 })
  })

  test('and tasks that never started are the targets of a retry', async () => {
    const ids = await plane.enrol(3)
    const id = await plane.start({ extension: 'demo', rateControl: { concurrency: 1 } })
    await plane.end(await plane.takeWork(ids, 1))
    await plane.end(await plane.takeWork(ids, 1), 'failed')
    await plane.untilStatus(id, 'Failed')
    const retry = await retryExecution(plane.context, actor, id, undefined)
    await plane.end(await plane.takeWork(ids, 1))
    await plane.end(await plane.takeWork(ids, 1))
    await plane.untilStatus(retry, 'Success')
    const { execution } = await readExecution(plane.context, actor, retry)
    expect(execution).toMatchObject({ retry_of: id, task_count: 2 })
    expect(showReason(execution)).toBe('2 succeeded')
  })
})

describe('a retry', () => {
  const startFailed = async (count: number, rateControl: RateControlInput) => {
    const ids = await plane.enrol(count)
    const id = await plane.start({ extension: 'demo', rateControl })
    await plane.end((await plane.takeWork(ids, count)).slice(0, count), 'failed')
    await plane.untilStatus(id, 'Failed')
    return { ids, id }
  }

  test('has the requested limits, resolved for its own targets', async () => {
    const { id } = await startFailed(20, { concurrency: '100%', maxErrors: '100%' })
    const some = (await readTasks(plane.context, actor, id, { limit: 5 })).map((task) => task.instance_id)
    const retry = await retryExecution(plane.context, actor, id, { instanceIds: some })
    const { execution } = await readExecution(plane.context, actor, retry)
    expect(execution.rate_control).toMatchObject({ concurrency: 5, maxErrors: 5, batchSizes: [5] })
    expect(execution.rate_control.requested).toMatchObject({ concurrency: { percent: 100 } })
  })

  test('of an execution from before requests were stored has its numbers', async () => {
    const { id } = await startFailed(4, { concurrency: '100%', maxErrors: '100%' })
    await plane.db.pool.query("update executions set rate_control = rate_control - 'requested'")
    const retry = await retryExecution(plane.context, actor, id)
    const { execution } = await readExecution(plane.context, actor, retry)
    expect(execution.rate_control).toMatchObject({ concurrency: 4, maxErrors: 4, batchSizes: [4] })
  })

  test('runs once at a time, however many are requested at once', async () => {
    const { ids, id } = await startFailed(2, { maxErrors: 2 })
    const answers = await Promise.allSettled(Array.from({ length: 4 }, () => retryExecution(plane.context, actor, id)))
    const started = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
    const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []))
    expect(started).toHaveLength(1)
    for (const error of refused)
      expect(error).toMatchObject({ code: 'ExecutionRetryRunning', details: { executionId: started[0] } })
    await plane.end(await plane.takeWork(ids, 2), 'failed')
    await plane.untilStatus(started[0]!, 'Failed')
    // The chain can be continued from either end, but not from both at once.
    const next = await retryExecution(plane.context, actor, started[0]!)
    await expect(retryExecution(plane.context, actor, id)).rejects.toMatchObject({ details: { executionId: next } })
  })

  test('matches its plan, or is refused with the differences', async () => {
    const { ids, id } = await startFailed(4, { concurrency: '100%', maxErrors: '100%' })
    const some = { instanceIds: ids.slice(0, 2) }
    const { plan, digest } = await planRetry(plane.context, actor, id, some)
    expect(plan.planned.map(({ instanceId, step }) => [instanceId, step])).toEqual(
      ids.slice(0, 2).map((instance) => [instance, 'install']),
    )
    const all = { ifPlan: digest }
    const refusal: unknown = await retryExecution(plane.context, actor, id, all).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'PlanChanged', details: { added: { count: 2 } } })
    expect((refusal as ChandlerError).details?.['problems']).toHaveLength(2)
    const retry = await retryExecution(plane.context, actor, id, { ...some, ifPlan: digest })
    expect((await readExecution(plane.context, actor, retry)).execution).toMatchObject({ retry_of: id, task_count: 2 })
  })

  test('of other instances may run beside it, and one token is one retry', async () => {
    const { ids, id } = await startFailed(2, { maxErrors: 2 })
    const one = { instanceIds: [ids[0]!], clientToken: 'one' }
    const retries = await Promise.all([1, 2, 3].map(() => retryExecution(plane.context, actor, id, one)))
    expect(new Set(retries).size).toBe(1)
    const other = await retryExecution(plane.context, actor, id, { instanceIds: [ids[1]!] })
    expect(other).not.toBe(retries[0])
  })
})

describe('cancelling', () => {
  test('cancels pending tasks, withdraws undelivered invocations, signals the others', async () => {
    const ids = await plane.enrol(3)
    const id = await plane.start({ extension: 'demo', rateControl: { concurrency: 2 } })
    const taken = await plane.takeWork(ids.slice(0, 1), 1)
    await controlExecution(plane.context, actor, id, 'cancel')
    await plane.until(async () => (await plane.statuses(id)).Cancelled === 2)
    await applyReports(plane.context, [makeEnd(taken[0]!.instanceId, taken[0]!.invocationId, 'cancelled')])
    await plane.untilStatus(id, 'Cancelled')
    expect(await plane.statuses(id)).toEqual({ Cancelled: 3 })
  })

  test('ends even if the agent is gone; its later report is recorded beside it', async () => {
    const ids = await plane.enrol(1)
    const id = await plane.start({ extension: 'demo' })
    const taken = await plane.takeWork(ids, 1)
    await controlExecution(plane.context, actor, id, 'cancel')
    await plane.until(async () => (await cancelRequests()) === 1)
    await plane.db.pool.query("update invocations set deadline_at = now() - interval '1 second'")
    plane.context.poke([id])
    await plane.untilStatus(id, 'Cancelled')
    await plane.end(taken)
    const [task] = await readTasks(plane.context, actor, id, { limit: 1 })
    expect(task).toMatchObject({ status: 'Cancelled', reason_code: 'CancelUnconfirmed' })
    expect(showReason(task!)).toContain('The agent answered later: succeeded.')
    const installed = await plane.db.pool.query('select version, status from installed_states')
    expect(installed.rows).toEqual([{ version: 1, status: 'installed' }])
  })

  const cancelRequests = async () =>
    (await plane.db.pool.query('select 1 from invocations where cancel_requested_at is not null')).rowCount
})

describe('offline instances', () => {
  test('fail as unreachable after the delivery timeout, and certainly never ran', async () => {
    const ids = await plane.enrol(1)
    const id = await plane.start({ extension: 'demo', deliveryTimeoutMs: 1_000 })
    await plane.untilStatus(id, 'Failed')
    const [task] = await readTasks(plane.context, actor, id, { limit: 1 })
    expect(task).toMatchObject({ status: 'Failed', reason_code: 'Unreachable' })
    expect((await plane.takeWork(ids, 0)).length).toBe(0)
  })
})

describe('a removed instance', () => {
  test('is refused while it runs a task, and with force ends its tasks', async () => {
    const ids = await plane.enrol(2)
    const id = await plane.start({ extension: 'demo', rateControl: { maxErrors: 2 } })
    await plane.takeWork(ids.slice(0, 1), 1)
    await expect(removeInstance(plane.context, actor, ids[0]!, { force: false })).rejects.toMatchObject({
      code: 'InstanceBusy',
    })
    for (const instanceId of ids) await removeInstance(plane.context, actor, instanceId, { force: true })
    await plane.untilStatus(id, 'Failed')
    const tasks = await readTasks(plane.context, actor, id, { limit: 2 })
    expect(tasks.map((task) => task.reason_code)).toEqual(['InstanceRemoved', 'InstanceRemoved'])
    expect(tasks.map(showReason).sort()).toEqual([
      'The instance was removed before the agent received it: nothing was run on the instance.',
      'The instance was removed while the task was running. What happened on the instance is unknown.',
    ])
  })

  test('reports for each invocation whether it was handed out, and its reports are ignored', async () => {
    const ids = await plane.enrol(2)
    await plane.start({ extension: 'demo' })
    await plane.takeWork(ids.slice(0, 1), 1)
    for (const instanceId of ids) await removeInstance(plane.context, actor, instanceId, { force: true })
    const { rows } = await plane.db.pool.query(
      'select state, sent_at is null as unsent, accepted_at from invocations order by id',
    )
    expect(rows).toEqual([
      { state: 'lost', unsent: false, accepted_at: null },
      { state: 'withdrawn', unsent: true, accepted_at: null },
    ])
  })

  test('does not delay tasks that have not started there', async () => {
    const ids = await plane.enrol(2)
    const id = await plane.start({ extension: 'demo', rateControl: { concurrency: 1, maxErrors: 1 } })
    const work = await plane.takeWork(ids, 1)
    const waiting = ids.find((one) => one !== work[0]!.instanceId)
    await removeInstance(plane.context, actor, waiting!, { force: false })
    await plane.end(work)
    await plane.untilStatus(id, 'Success')
    const { execution } = await readExecution(plane.context, actor, id)
    expect(showReason(execution)).toBe('1 succeeded, 1 accepted failure (InstanceRemoved 1)')
  })

  test('has nothing installed, whatever its agent reports last', async () => {
    const ids = await plane.enrol(1)
    await plane.start({ extension: 'demo' })
    const work = await plane.takeWork(ids, 1)
    await removeInstance(plane.context, actor, ids[0]!, { force: true })
    await plane.end(work)
    expect((await plane.db.pool.query('select * from installed_states')).rows).toEqual([])
  })

  test('does not prevent a retry of the others', async () => {
    const ids = await plane.enrol(2)
    const id = await plane.start({ extension: 'demo', rateControl: { maxErrors: 2 } })
    const work = await plane.takeWork(ids, 2)
    await plane.end(work, 'failed')
    await plane.untilStatus(id, 'Failed')
    await removeInstance(plane.context, actor, ids[0]!, { force: true })
    const retry = await retryExecution(plane.context, actor, id, undefined)
    const tasks = await readTasks(plane.context, actor, retry, { limit: 2 })
    expect(tasks.map((task) => task.instance_id)).toEqual([ids[1]])
  })
})

test('the list of executions loses none at a page boundary', async () => {
  await plane.enrol(1)
  const started = new Set<string>()
  for (let i = 0; i < 7; i++) started.add(await plane.start({ extension: 'demo' }))
  const listed: string[] = []
  let after: { createdAt: Date; id: string } | undefined
  for (;;) {
    const [view] = await readExecutions(plane.context, actor, {}, { after, limit: 1 })
    if (!view) break
    listed.push(view.execution.id)
    after = { createdAt: view.execution.created_at, id: view.execution.id }
  }
  expect(listed.toSorted()).toEqual([...started].toSorted())
})

describe('one mutation at a time', () => {
  test('a second execution waits for the first, with a reason', async () => {
    const ids = await plane.enrol(1)
    const first = await plane.start({ extension: 'demo' })
    const work = await plane.takeWork(ids, 1)
    const second = await plane.start({ extension: 'demo', parameters: { port: 9090 } })
    await plane.untilStatus(second, 'Queued')
    const [task] = await readTasks(plane.context, actor, second, { limit: 1 })
    expect(task).toMatchObject({ status: 'Pending' })
    expect(showReason(task!)).toContain(first)
    await plane.end(work)
    await plane.end(await plane.takeWork(ids, 1))
    await plane.untilStatus(second, 'Success')
  })
})

test('counters always equal the tasks', async () => {
  const ids = await plane.enrol(20)
  const id = await plane.start({ extension: 'demo', rateControl: { mode: 'Batch', batches: [3], maxErrors: 4 } })
  while ((await readExecution(plane.context, actor, id)).execution.ended_at === null) {
    const work = await plane.takeWork(ids, 0)
    await plane.end(work.slice(0, 1), 'failed')
    await plane.end(work.slice(1))
    const { rows } = await plane.db.pool.query(
      `
      select * from (
        select batch, status, count(*)::int as n from task_executions where execution_id = $1 group by 1, 2
        except select batch, status, sum(n)::int from task_counts where execution_id = $1 group by 1, 2
      ) differences`,
      [id],
    )
    expect(rows).toEqual([])
  }
  expect((await readExecution(plane.context, actor, id)).execution.status).toBe('Failed')
})

test('the same client token starts one execution, however concurrently it is sent', async () => {
  await plane.enrol(1)
  const ids = await Promise.all(
    Array.from({ length: 5 }, () => plane.start({ extension: 'demo', clientToken: 'once' })),
  )
  expect(new Set(ids).size).toBe(1)
  await expect(plane.start({ extension: 'demo', clientToken: 'once', parameters: { port: 1 } })).rejects.toMatchObject({
    code: 'ClientTokenReused',
  })
})

test('an already installed version needs no work, and is a success', async () => {
  const ids = await plane.enrol(2)
  const first = await plane.start({ extension: 'demo' })
  await plane.end(await plane.takeWork(ids, 2))
  await plane.untilStatus(first, 'Success')
  await plane.db.pool.query(
    'update installed_states set parameters_digest = (select operation->>$1 from executions limit 1)',
    ['parametersDigest'],
  )
  const again = await plane.start({ extension: 'demo' })
  await plane.untilStatus(again, 'Success')
  const { execution } = await readExecution(plane.context, actor, again)
  expect(execution).toMatchObject({ reason_code: 'NothingToDo' })
  expect(showReason(execution)).toBe('2 already as wanted')
})

test('secrets are not in the database in clear text, and reach the agent', async () => {
  const ids = await plane.enrol(1)
  await plane.start({ extension: 'demo', parameters: { token: 'hunter2' } })
  let parameters: unknown
  await plane.until(async () => {
    const work = await handOutWork(plane.context, ids)
    parameters = work.get(ids[0]!)?.invocations[0]?.wanted?.parameters
    return parameters !== undefined
  })
  expect(parameters).toEqual({ port: 8080, token: 'hunter2' })
  const { rows } = await plane.db.pool.query('select row_to_json(e)::text as text from executions e')
  expect(rows[0].text).not.toContain('hunter2')
})

test('work that cannot be prepared times out with its reason; other work of its instance and of others is handed out', async () => {
  const ids = await plane.enrol(2)
  await plane.makeExtension('other')
  const broken = await plane.start({ extension: 'demo', parameters: { token: 'hunter2' }, deliveryTimeoutMs: 5_000 })
  await plane.db.pool.query('update executions set secret_parameters_sealed = $1', [Buffer.alloc(64)])
  const other = await plane.start({ extension: 'other' })
  await plane.end(await plane.takeWork(ids, 2))
  await plane.untilStatus(other, 'Success')
  await plane.until(async () => {
    // Its invocations may have been queued after the others were handed out.
    await handOutWork(plane.context, ids)
    return (await readExecution(plane.context, actor, broken)).execution.status === 'Failed'
  })
  const tasks = await readTasks(plane.context, actor, broken, { limit: 2 })
  expect(tasks).toMatchObject(Array(2).fill({ status: 'Failed', reason_code: 'NotHandedOut' }))
})

test('a server that stops in the middle of a large cancel takes no further step; the next pass does the rest', async () => {
  const ids = await plane.enrol(6_000)
  const id = await plane.start({ extension: 'demo', rateControl: { mode: 'Concurrency', concurrency: 1 } })
  await plane.takeWork(ids, 1)
  await plane.stopDispatcher()
  await controlExecution(plane.context, actor, id, 'cancel')
  const stop = new AbortController()
  const none = { nudge: () => undefined, poke: () => undefined, changed: () => undefined }
  const stopped = await reconcile(plane.db.database, id, { ...none, changed: () => stop.abort() }, stop.signal)
  expect(stopped).toEqual({ wakeInMs: 0 })
  const { Pending = 0 } = await plane.statuses(id)
  expect(Pending).toBeGreaterThan(0)
  await reconcile(plane.db.database, id, none)
  expect(await plane.statuses(id)).toEqual({ Cancelled: 5_999, Running: 1 })
})

test('a configuration has the timeouts of its scripts and checks before it is lost, also for an uninstall', async () => {
  const [id] = await plane.enrol(1)
  const configuration = {
    os: 'linux' as const,
    arch: 'any',
    scripts: { install: 'true', uninstall: 'true' },
    verify: [
      { kind: 'script' as const, script: 'true', withinMs: 3_600_000 },
      { kind: 'script' as const, script: 'true', withinMs: 1_000 },
    ],
    run: { timeoutMs: 80_000_000, unpack: false, keepWorkspace: 'never' as const },
  }
  await createExtension(plane.context, actor, {
    name: 'slow',
    type: 'Application',
    description: '',
    versionDescription: '',
    scope: {},
    parameters: {},
    configurations: [configuration],
  })
  const install = await plane.start({ extension: 'slow' })
  await plane.end(await plane.takeWork([id!], 1))
  await plane.untilStatus(install, 'Success')
  const uninstall = await plane.start({ extension: 'slow', action: 'uninstall' })
  const timeouts = await plane.db.pool.query('select timeout_ms from task_executions where execution_id = any($1)', [
    [install, uninstall],
  ])
  expect(timeouts.rows).toEqual([{ timeout_ms: 83_600_000 }, { timeout_ms: 83_600_000 }])
})

test('an invocation lists the names that its scripts may use', async () => {
  const [id] = await plane.enrol(1)
  await plane.start({ extension: 'demo' })
  const before = new Date().toISOString()
  const [work] = await plane.takeWork([id!], 1)
  const [invocation] = (await handOutWork(plane.context, [id!])).get(id!)!.invocations
  expect(invocation?.wanted?.configuration.parameterTypes).toEqual({ port: 'Number', token: 'String' })
  const { CurrentUTCTime, CurrentDate, ...builtins } = invocation!.builtins!
  expect(builtins).toEqual({
    RegionId: 'default',
    AccountId: actor.accountId,
    InstanceId: id,
    InstanceName: expect.stringMatching(/^host-[0-9]+$/),
    ExecutionId: invocation?.executionId,
    InvokeId: work?.invocationId,
    CommandId: invocation?.extensionId,
    ExecuteUser: 'admin',
    TaskLoopItem: id,
  })
  expect(CurrentUTCTime).toMatch(/^[0-9-]{10}T[0-9:]{8}Z$/)
  expect(CurrentUTCTime! >= `${before.slice(0, 19)}Z`).toBe(true)
  expect(CurrentDate).toBe(CurrentUTCTime?.slice(0, 10))
})

test('an impossible status move fails the whole transaction', async () => {
  const ids = await plane.enrol(1)
  const id = await plane.start({ extension: 'demo' })
  await plane.end(await plane.takeWork(ids, 1))
  await plane.untilStatus(id, 'Success')
  const { execution } = await readExecution(plane.context, actor, id)
  const revision = execution.revision + 1
  await expect(updateExecutionRow(plane.db.database, id, { revision, status: 'Running' })).rejects.toThrow(
    'there is no move to Running',
  )
  await expect(updateExecutionRow(plane.db.database, id, { revision, status: 'Success' })).rejects.toThrow('no move')
  await expect(
    endPendingTasks(
      plane.db.database,
      { id, revision },
      { status: 'Success' as never, reasonCode: 'Lost', reason: [] },
    ),
  ).rejects.toThrow('there is no move from Pending to Success')
})
