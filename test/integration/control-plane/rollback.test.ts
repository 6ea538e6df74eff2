/** Rollbacks: what an execution changed on instances returns to the state before it. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Invocation } from '../../../src/core/execution/invocation.ts'
import type { ExtensionVersion } from '../../../src/core/extension/extension.ts'
import type { ExecutionId, InstanceId } from '../../../src/core/id.ts'
import { renderEnglishReason } from '../../../src/core/reason/english-reasons.ts'
import { applyReports } from '../../../src/server/app/agent/apply-reports.ts'
import { handOutWork } from '../../../src/server/app/agent/hand-out-invocations.ts'
import { readChanges } from '../../../src/server/app/execution/read-changes.ts'
import { readExecution, readTask, readTasks } from '../../../src/server/app/execution/read-executions.ts'
import { retryExecution } from '../../../src/server/app/execution/retry-execution.ts'
import { planRollbackOf, rollbackExecution } from '../../../src/server/app/execution/rollback-execution.ts'
import { createExtension } from '../../../src/server/app/extension/create-extension.ts'
import { createVersion } from '../../../src/server/app/extension/create-version.ts'
import { setVersionDeprecated } from '../../../src/server/app/extension/set-version-deprecated.ts'
import { readTaskValues } from '../../../src/server/app/plan/shown-values.ts'
import { actor, type ControlPlane, makeEnd, startControlPlane } from './control-plane.ts'

let plane: ControlPlane
let ids: InstanceId[]
beforeEach(async () => {
  plane = await startControlPlane()
  ids = await plane.enrol(3)
  await createExtension(plane.context, actor, { name: 'demo', type: 'Application', description: '', ...version })
  await createVersion(
    plane.context,
    actor,
    'demo',
    version as unknown as ExtensionVersion & { versionDescription: string },
  )
})
afterEach(() => plane.stop())

const version = {
  versionDescription: '',
  scope: {},
  parameters: {
    port: { type: 'Number' as const, default: 8080 },
    token: { type: 'String' as const, noEcho: true, default: '' },
  },
  configurations: [
    {
      os: 'linux' as const,
      arch: 'any',
      scripts: { install: '#!/bin/sh\ntrue\n', uninstall: '#!/bin/sh\ntrue\n' },
      verify: [],
      run: { timeoutMs: 60_000, unpack: false, keepWorkspace: 'never' as const },
    },
  ],
}

async function takeOne(instance: InstanceId): Promise<Invocation> {
  let taken: Invocation | undefined
  await plane.until(async () => {
    taken = (await handOutWork(plane.context, [instance])).get(instance)?.invocations[0]
    return taken !== undefined
  })
  return taken as Invocation
}

/** Ends it as an agent does. */
async function end(instance: InstanceId, { id, action, wanted }: Invocation, state: 'succeeded' | 'failed') {
  const report = makeEnd(instance, id, state)
  if (report.kind !== 'end') throw new Error('no end')
  const installed = wanted
    ? {
        status: state === 'succeeded' ? ('installed' as const) : ('broken' as const),
        version: wanted.version,
        configurationId: wanted.configuration.id,
        parametersDigest: wanted.parametersDigest,
      }
    : { status: 'absent' as const }
  expect(action === 'uninstall').toBe(wanted === undefined)
  await applyReports(plane.context, [{ ...report, outcome: { ...report.outcome, installed } }])
}

/** Acts for the agents until the execution has ended; returns the invocations in their order. */
async function carryOut(
  id: ExecutionId,
  instances: readonly InstanceId[],
  state: (instance: InstanceId) => 'succeeded' | 'failed' = () => 'succeeded',
  status = 'Success',
) {
  const given = new Map<InstanceId, Invocation>()
  for (const instance of instances) {
    const invocation = await takeOne(instance)
    given.set(instance, invocation)
    await end(instance, invocation, state(instance))
  }
  await plane.untilStatus(id, status)
  return given
}

async function change(request: Parameters<ControlPlane['start']>[0], instances: readonly InstanceId[] = ids) {
  const id = await plane.start({
    extension: 'demo',
    targets: { kind: 'ids', ids: [...instances] },
    rateControl: { concurrency: 10 },
    ...request,
  })
  await carryOut(id, instances)
  return id
}

const rollBack = (id: ExecutionId) => rollbackExecution(plane.context, actor, id, { rateControl: { concurrency: 10 } })
const reasonOf = async (id: ExecutionId, instanceId: InstanceId) => {
  const { task } = await readTask(plane.context, actor, id, instanceId)
  return renderEnglishReason(task.reason_messages ?? [])
}

test('versions, parameters and secrets return; what was not installed is removed; deprecated versions are restored', async () => {
  const [first, second, third] = ids as [InstanceId, InstanceId, InstanceId]
  await change({ version: 'v1', parameters: { port: 1111, token: 'very secret one' } }, [first])
  await change({ version: 'v1', parameters: { port: 2222, token: 'very secret two' } }, [second])
  await setVersionDeprecated(plane.context, actor, 'demo', 'v1', true)
  const update = await change({ version: 'v2', parameters: { port: 3333, token: 'newer secret' } })

  const { plan, page } = await planRollbackOf(plane.context, actor, update, { rateControl: {} })
  expect(JSON.stringify([plan.planned, page])).not.toMatch(/very secret|newer secret/)
  expect(plan.planned.map(({ instanceId, step }) => [instanceId, step])).toEqual([
    [third, 'uninstall'],
    [second, 'update'],
    [first, 'update'],
  ])

  const rollback = await rollBack(update)
  const given = await carryOut(rollback, [third, second, first])
  expect(given.get(first)?.wanted).toMatchObject({
    version: 1,
    parameters: { port: 1111, token: 'very secret one' },
  })
  expect(given.get(second)?.wanted?.parameters).toEqual({ port: 2222, token: 'very secret two' })
  expect(given.get(third)).toMatchObject({ action: 'uninstall' })

  const { execution } = await readExecution(plane.context, actor, rollback)
  expect(execution).toMatchObject({ rollback_of: update, status: 'Success' })
  const { task } = await readTask(plane.context, actor, rollback, first)
  const [shown] = await readTaskValues(plane.context, execution, task)
  expect(shown).toMatchObject({ extension: 'demo', values: { port: 1111, token: '******' } })

  expect(await readChanges(plane.context, actor, update)).toMatchObject({ rolledBackBy: rollback })
  expect((await readChanges(plane.context, actor, rollback)).changes).toMatchObject([
    { extensionName: 'demo', from: 2, to: 1, count: 2 },
    { extensionName: 'demo', from: 2, to: null, count: 1 },
  ])
})

test('the last batch is first, under a rate control of its own', async () => {
  const id = await plane.start({
    extension: 'demo',
    targets: { kind: 'ids', ids },
    rateControl: { mode: 'Batch', batches: [1] },
  })
  const order = (await readTasks(plane.context, actor, id, { limit: 10 })).map((task) => task.instance_id)
  await carryOut(id, order)
  const rollback = await rollbackExecution(plane.context, actor, id, {
    rateControl: { mode: 'Batch', batches: [1, 2] },
  })
  const tasks = await readTasks(plane.context, actor, rollback, { limit: 10 })
  expect(tasks.map((task) => task.instance_id)).toEqual(order.toReversed())
  expect(tasks.map((task) => task.batch)).toEqual([1, 2, 2])
})

test('an uninstall is rolled back; what another execution changed since is skipped with the reason', async () => {
  const [first, second] = ids as [InstanceId, InstanceId]
  await change({ version: 'v1', parameters: { port: 1111 } }, [first, second])
  const removal = await change({ action: 'uninstall' }, [first, second])
  const foreign = await change({ version: 'v2' }, [second])
  const rollback = await rollBack(removal)
  const given = await carryOut(rollback, [first])
  expect(given.get(first)).toMatchObject({ action: 'install', wanted: { version: 1, parameters: { port: 1111 } } })
  expect(await plane.statuses(rollback)).toEqual({ Success: 1, Skipped: 1 })
  expect(await reasonOf(rollback, second)).toContain(`changed by ${foreign} since`)
})

test('only one rollback: the second is refused with the first; a rollback is retried and rolled back', async () => {
  const [first, second] = ids as [InstanceId, InstanceId]
  await change({ version: 'v1' }, [first, second])
  const update = await change({ version: 'v2' }, [first, second])
  const rollback = await rollBack(update)
  await carryOut(rollback, [first, second], (id) => (id === second ? 'failed' : 'succeeded'), 'Failed')
  await expect(rollBack(update)).rejects.toMatchObject({
    code: 'ExecutionRolledBack',
    details: { executionId: rollback },
  })
  await expect(planRollbackOf(plane.context, actor, update, { rateControl: {} })).rejects.toMatchObject({
    code: 'ExecutionRolledBack',
  })

  const retry = await retryExecution(plane.context, actor, rollback)
  const retried = await carryOut(retry, [second])
  expect(retried.get(second)).toMatchObject({ wanted: { version: 1 } })

  const again = await rollBack(rollback)
  const restored = await carryOut(again, [first])
  expect(restored.get(first)).toMatchObject({ wanted: { version: 2 } })
  expect(await reasonOf(again, second)).toContain(`changed by ${retry} since`)
})

test('refused: running executions, commands, and executions without changes', async () => {
  const [first] = ids as [InstanceId]
  const running = await plane.start({ extension: 'demo', targets: { kind: 'ids', ids: [first] } })
  await expect(rollBack(running)).rejects.toMatchObject({ code: 'ExecutionStateConflict' })
  await carryOut(running, [first])

  const nothing = await plane.start({ extension: 'demo', targets: { kind: 'ids', ids: [first] } })
  await plane.untilStatus(nothing, 'Success')
  await expect(rollBack(nothing)).rejects.toMatchObject({ code: 'ExecutionNothingToRollBack' })

  const command = await plane.start({
    operation: {
      kind: 'command',
      type: 'RunShellScript',
      content: 'true',
      timeoutMs: 1_000,
      parameters: {},
      noEcho: [],
    },
    targets: { kind: 'ids', ids: [first] },
  })
  await expect(rollBack(command)).rejects.toMatchObject({ code: 'ExecutionNotRollbackable' })
})

test('two concurrent requests start one rollback', async () => {
  const update = await change({ version: 'v2' })
  const results = await Promise.allSettled([rollBack(update), rollBack(update)])
  expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
})
