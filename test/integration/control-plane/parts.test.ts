/** Several extensions in order, each on one instance: the effect of one part's end on the next. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ExtensionsRequest } from '../../../src/core/execution/operation.ts'
import type { ExecutionId, InstanceId } from '../../../src/core/id.ts'
import { makeReason } from '../../../src/core/reason/reason.ts'
import { applyReports } from '../../../src/server/app/agent/apply-reports.ts'
import { handOutWork } from '../../../src/server/app/agent/hand-out-invocations.ts'
import { controlExecution } from '../../../src/server/app/execution/control-execution.ts'
import { controlTasks } from '../../../src/server/app/execution/control-tasks.ts'
import { readExecution, readExecutions, readTasks } from '../../../src/server/app/execution/read-executions.ts'
import { retryExecution } from '../../../src/server/app/execution/retry-execution.ts'
import type { StartRequest } from '../../../src/server/app/execution/start-execution.ts'
import { deleteExtension } from '../../../src/server/app/extension/delete-extension.ts'
import { removeInstance } from '../../../src/server/app/instance/remove-instance.ts'
import { makePlan } from '../../../src/server/app/plan/make-plan.ts'
import { showReason } from '../../../src/server/oos/execution/show-reason.ts'
import { actor, type ControlPlane, makeEnd, startControlPlane } from './control-plane.ts'

let plane: ControlPlane
beforeEach(async () => {
  plane = await startControlPlane()
  for (const name of ['a', 'b', 'c']) await plane.makeExtension(name)
})
afterEach(() => plane.stop())

type Requested = ExtensionsRequest['extensions'][number]
const requested = (extension: string, more: Partial<Requested> = {}): Requested => ({
  extension,
  parameters: {},
  ...more,
})

const start = (requestedParts: readonly Requested[], more: Partial<StartRequest> = {}) =>
  plane.start({ operation: { kind: 'extensions', action: 'install', extensions: requestedParts }, ...more })

/** The next invocation of an instance; waits until there is one. */
async function takeOne(id: InstanceId) {
  let taken: Awaited<ReturnType<typeof handOutWork>> | undefined
  await plane.until(async () => {
    taken = await handOutWork(plane.context, [id])
    return (taken.get(id)?.invocations.length ?? 0) > 0
  })
  const [invocation, more] = taken?.get(id)?.invocations ?? []
  if (!invocation || more) throw new Error('it was not given one invocation')
  return invocation
}

/** The end of an invocation, as its agent would report it: the wanted version is installed. */
async function end(
  id: InstanceId,
  invocation: Awaited<ReturnType<typeof takeOne>>,
  state: 'succeeded' | 'failed' = 'succeeded',
) {
  const report = makeEnd(id, invocation.id, state)
  if (report.kind !== 'end') throw new Error('no end')
  const { wanted } = invocation
  const installed =
    wanted && state === 'succeeded'
      ? {
          installed: {
            status: 'installed' as const,
            version: wanted.version,
            configurationId: wanted.configuration.id,
            parametersDigest: wanted.parametersDigest,
          },
        }
      : {}
  const { installed: _, ...outcome } = report.outcome
  await applyReports(plane.context, [{ ...report, outcome: { ...outcome, ...installed } }])
}

const taskOf = async (id: ExecutionId) => (await readTasks(plane.context, actor, id, { limit: 1 }))[0]!
const installedOn = async (id: InstanceId) =>
  (
    await plane.db.pool.query(
      `select e.name, s.version, s.parameters, s.execution_id from installed_states s join extensions e on e.id = s.extension_id
       where s.instance_id = $1 order by e.name`,
      [id],
    )
  ).rows
const locks = async () => (await plane.db.pool.query('select * from mutation_locks')).rows

describe('each part', () => {
  test('starts when the previous one has succeeded, with its own version and values', async () => {
    const [instance] = await plane.enrol(1)
    const id = await start([
      requested('b', { parameters: { port: 1, token: 'one' } }),
      requested('a', { parameters: { port: 2, token: 'two' } }),
    ])
    const first = await takeOne(instance!)
    expect(first).toMatchObject({
      extensionName: 'b',
      action: 'install',
      wanted: { parameters: { port: 1, token: 'one' } },
    })
    await end(instance!, first)
    const second = await takeOne(instance!)
    expect(second).toMatchObject({ extensionName: 'a', wanted: { parameters: { port: 2, token: 'two' } } })
    expect(await taskOf(id)).toMatchObject({ status: 'Running', part: 1, attempt: 2 })
    await end(instance!, second)
    await plane.untilStatus(id, 'Success')
    expect(await installedOn(instance!)).toMatchObject([
      { name: 'a', version: 1, parameters: { port: 2 }, execution_id: id },
      { name: 'b', version: 1, parameters: { port: 1 }, execution_id: id },
    ])
    expect(showReason((await readExecution(plane.context, actor, id)).execution)).toBe('1 succeeded')
    expect(await locks()).toEqual([])
  })

  test('that is already in the wanted state is skipped, with a reason', async () => {
    const [instance] = await plane.enrol(1)
    const before = await start([requested('b')])
    await end(instance!, await takeOne(instance!))
    await plane.untilStatus(before, 'Success')
    const id = await start([requested('a'), requested('b'), requested('c')])
    const names: string[] = []
    for (const _ of [1, 2]) {
      const invocation = await takeOne(instance!)
      names.push(invocation.extensionName)
      await end(instance!, invocation)
    }
    await plane.untilStatus(id, 'Success')
    expect(names).toEqual(['a', 'c'])
    expect((await taskOf(id)).parts).toMatchObject([
      { extensionName: 'a', step: 'install' },
      { extensionName: 'b', step: 'none', reasonCode: 'AlreadyAsWanted' },
      { extensionName: 'c', step: 'install' },
    ])
    const again = await start([requested('a'), requested('b'), requested('c')])
    await plane.untilStatus(again, 'Success')
    expect(await taskOf(again)).toMatchObject({ step: 'none', reason_code: 'AlreadyAsWanted', parts: null })
  })

  test('is removed as it was installed, in the requested order', async () => {
    const [instance] = await plane.enrol(1)
    await start([requested('a', { parameters: { port: 7, token: 's3cret' } }), requested('b')])
    for (const _ of [1, 2]) await end(instance!, await takeOne(instance!))
    const id = await plane.start({
      operation: {
        kind: 'extensions',
        action: 'uninstall',
        extensions: [requested('b'), requested('a'), requested('c')],
      },
    })
    const first = await takeOne(instance!)
    expect(first).toMatchObject({ extensionName: 'b', action: 'uninstall', installed: { version: 1 } })
    const gone = async (invocation: typeof first) => {
      const report = makeEnd(instance!, invocation.id, 'succeeded')
      if (report.kind !== 'end') throw new Error('no end')
      await applyReports(plane.context, [
        { ...report, outcome: { ...report.outcome, installed: { status: 'absent' } } },
      ])
    }
    await gone(first)
    const second = await takeOne(instance!)
    expect(second).toMatchObject({ extensionName: 'a', installed: { parameters: { port: 7, token: 's3cret' } } })
    await gone(second)
    await plane.untilStatus(id, 'Success')
    expect(await installedOn(instance!)).toEqual([])
  })
})

describe('a failed part', () => {
  test('fails the task with its name; the next one does not start, and a retry continues from there', async () => {
    const [instance] = await plane.enrol(1)
    const id = await start([requested('a'), requested('b', { parameters: { token: 's3cret' } }), requested('c')])
    await end(instance!, await takeOne(instance!))
    await end(instance!, await takeOne(instance!), 'failed')
    await plane.untilStatus(id, 'Failed')
    const task = await taskOf(id)
    expect(task).toMatchObject({ status: 'Failed', part: 1 })
    expect(showReason(task)).toBe('Part 2 of 3, b: The script ended with 1.')
    expect(await locks()).toEqual([])
    const again = await retryExecution(plane.context, actor, id, undefined)
    const second = await takeOne(instance!)
    expect(second).toMatchObject({ extensionName: 'b', wanted: { parameters: { token: 's3cret' } } })
    await end(instance!, second)
    const third = await takeOne(instance!)
    expect(third.extensionName).toBe('c')
    await end(instance!, third)
    await plane.untilStatus(again, 'Success')
  })

  test('is retried alone while the execution waits (FailurePause)', async () => {
    const [instance] = await plane.enrol(1)
    const id = await start([requested('a'), requested('b')], { mode: 'FailurePause' })
    await end(instance!, await takeOne(instance!))
    await end(instance!, await takeOne(instance!), 'failed')
    await plane.untilStatus(id, 'Waiting')
    await controlTasks(plane.context, actor, id, { instanceIds: [instance!] }, 'retryTask')
    const again = await takeOne(instance!)
    expect(again.extensionName).toBe('b')
    await end(instance!, again)
    await plane.untilStatus(id, 'Success')
  })
})

describe('between two parts', () => {
  /**
   * Another execution is changing `b` when the execution with two parts has completed its first.
   */
  async function startBlocked(more: Partial<StartRequest> = {}) {
    const [instance] = await plane.enrol(1)
    const other = await plane.start({ extension: 'b' })
    const holding = await takeOne(instance!)
    const id = await start([requested('a'), requested('b')], more)
    await plane.untilStatus(id, 'Running')
    const work = await handOutWork(plane.context, [instance!])
    const first = work.get(instance!)?.invocations.find(({ extensionName }) => extensionName === 'a')
    await end(instance!, first!)
    await plane.until(async () => showReason(await taskOf(id)).startsWith(`Waits for ${other}`))
    return { instance: instance!, other, holding, id }
  }

  test('the task waits for another execution, keeps its concurrency slot, and continues', async () => {
    const { instance, other, holding, id } = await startBlocked()
    expect(await taskOf(id)).toMatchObject({ status: 'Running', part: 1, part_due: true })
    expect(await locks()).toMatchObject([{ execution_id: other }])
    await end(instance, holding)
    const second = await takeOne(instance)
    expect(second).toMatchObject({ executionId: id, extensionName: 'b' })
    await end(instance, second)
    await plane.untilStatus(id, 'Success')
  })

  test('a cancel ends it at once, and names the parts that did not start', async () => {
    const { instance, holding, id } = await startBlocked()
    await controlExecution(plane.context, actor, id, 'cancel')
    await plane.untilStatus(id, 'Cancelled')
    const task = await taskOf(id)
    expect(task).toMatchObject({ status: 'Cancelled', reason_code: 'CancelledByUser' })
    expect(showReason(task)).toBe('Part 2 of 2, b: Cancelled before it started.')
    await end(instance, holding)
    expect(await locks()).toEqual([])
    expect((await plane.db.pool.query('select * from mutation_waits')).rows).toEqual([])
  })

  test('a cancel of that one task ends it at once', async () => {
    const { instance, id } = await startBlocked()
    await controlTasks(plane.context, actor, id, { instanceIds: [instance] }, 'cancelTask')
    await plane.untilStatus(id, 'Failed')
    expect(await taskOf(id)).toMatchObject({ status: 'Cancelled', reason_code: 'CancelledByUser' })
    expect((await plane.db.pool.query('select * from mutation_waits')).rows).toEqual([])
  })

  test('a cancelled part that succeeded anyway does not start the next one', async () => {
    const [instance] = await plane.enrol(1)
    const id = await start([requested('a'), requested('b')])
    const first = await takeOne(instance!)
    await controlTasks(plane.context, actor, id, { instanceIds: [instance!] }, 'cancelTask')
    await end(instance!, first)
    await plane.untilStatus(id, 'Failed')
    const task = await taskOf(id)
    expect(task.status).toBe('Cancelled')
    expect(showReason(task)).toBe('Part 2 of 2, b: Cancelled before it started.')
    expect(await installedOn(instance!)).toMatchObject([{ name: 'a' }])
  })

  test('the instance is removed: the task fails with that reason', async () => {
    const { instance, id } = await startBlocked()
    await removeInstance(plane.context, actor, instance, { force: true })
    await plane.untilStatus(id, 'Failed')
    expect(await taskOf(id)).toMatchObject({ status: 'Failed', reason_code: 'InstanceRemoved' })
  })

  test('a pause does not hold back a started task', async () => {
    const ids = await plane.enrol(2)
    const id = await start([requested('a'), requested('b')], { rateControl: { concurrency: 1 } })
    const [work] = await plane.takeWork(ids, 1)
    await controlExecution(plane.context, actor, id, 'pause')
    await plane.end([work!])
    const second = await takeOne(work!.instanceId)
    expect(second.extensionName).toBe('b')
    await end(work!.instanceId, second)
    await plane.until(async () => (await plane.statuses(id)).Success === 1)
    expect(await plane.statuses(id)).toEqual({ Success: 1, Pending: 1 })
  })
})

test('parts that an instance does not have are not an update, and the plan names them', async () => {
  await plane.enrol(1)
  const body = {
    operation: { kind: 'extensions', action: 'update', extensions: [requested('a'), requested('b')] },
    targets: { kind: 'all' },
    rateControl: {},
  } as const
  const { planned } = await makePlan(plane.context, actor, body)
  expect(planned[0]).toMatchObject({
    step: 'skip',
    reasonCode: 'NotInstalled',
    reason: [
      ...makeReason('InExtension', { extension: 'a' }),
      ...makeReason('NothingToUpdate'),
      ...makeReason('InExtension', { extension: 'b' }),
      ...makeReason('NothingToUpdate'),
    ],
  })
})

test.each([
  ['specified twice', [requested('a'), requested('a')]],
  ['0 extensions', []],
])('an invalid request is refused: %s', async (said, requestedParts) => {
  await plane.enrol(1)
  await expect(start(requestedParts)).rejects.toMatchObject({
    code: 'RequestInvalid',
    message: expect.stringContaining(said),
  })
})

test('an execution of several extensions is found by each, and prevents the deletion of each', async () => {
  await plane.enrol(1)
  const id = await start([requested('a'), requested('b')])
  for (const extension of ['a', 'b']) {
    const found = await readExecutions(plane.context, actor, { extension }, { limit: 10 })
    expect(found.map(({ execution }) => execution.id)).toEqual([id])
    await expect(deleteExtension(plane.context, actor, extension, { force: false })).rejects.toMatchObject({
      code: 'ExtensionInUse',
    })
  }
  expect(await readExecutions(plane.context, actor, { extension: 'c' }, { limit: 10 })).toEqual([])
})
