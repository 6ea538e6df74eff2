import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Invocation } from '../../../src/core/execution/invocation.ts'
import type { ExtensionVersion, ParameterDeclarations } from '../../../src/core/extension/extension.ts'
import type { ExecutionId, InstanceId } from '../../../src/core/id.ts'
import { renderEnglishReason } from '../../../src/core/reason/english-reasons.ts'
import { applyReports } from '../../../src/server/app/agent/apply-reports.ts'
import { handOutWork } from '../../../src/server/app/agent/hand-out-invocations.ts'
import { recordInstalledState } from '../../../src/server/app/agent/record-installed-state.ts'
import { readExecution, readTask, readTasks } from '../../../src/server/app/execution/read-executions.ts'
import { retryExecution } from '../../../src/server/app/execution/retry-execution.ts'
import { createExtension } from '../../../src/server/app/extension/create-extension.ts'
import { createVersion } from '../../../src/server/app/extension/create-version.ts'
import { getInstance } from '../../../src/server/app/instance/get-instance.ts'
import { makePlan } from '../../../src/server/app/plan/make-plan.ts'
import { readExecutionValues, readTaskValues } from '../../../src/server/app/plan/shown-values.ts'
import { actor, type ControlPlane, makeEnd, startControlPlane } from './control-plane.ts'

let plane: ControlPlane
beforeEach(async () => {
  plane = await startControlPlane()
})
afterEach(() => plane.stop())

const port: ParameterDeclarations = {
  port: { type: 'Number', default: 8080 },
  token: { type: 'String', noEcho: true, default: '' },
}
const makeVersion = (parameters: ParameterDeclarations) => ({
  versionDescription: '',
  scope: {},
  parameters,
  configurations: [
    {
      os: 'linux' as const,
      arch: 'any',
      scripts: { install: '#!/bin/sh\ntrue\n', uninstall: '#!/bin/sh\ntrue\n' },
      verify: [],
      run: { timeoutMs: 60_000, unpack: false, keepWorkspace: 'never' as const },
    },
  ],
})
const create = (name: string, parameters = port) =>
  createExtension(plane.context, actor, { name, type: 'Application', description: '', ...makeVersion(parameters) })
const addVersion = (name: string, parameters: ParameterDeclarations): Promise<unknown> =>
  createVersion(
    plane.context,
    actor,
    name,
    makeVersion(parameters) as unknown as ExtensionVersion & { versionDescription: string },
  )

async function takeOne(instance: InstanceId): Promise<Invocation> {
  await plane.takeWork([instance], 1)
  return (await handOutWork(plane.context, [instance])).get(instance)!.invocations[0]!
}

/** Ends it as an agent does: with the digest that it received. */
async function end(instance: InstanceId, { id, wanted }: Invocation, state: 'succeeded' | 'failed' = 'succeeded') {
  const report = makeEnd(instance, id, state)
  if (report.kind !== 'end' || !wanted) throw new Error('nothing is wanted')
  const installed = {
    status: state === 'succeeded' ? ('installed' as const) : ('broken' as const),
    version: wanted.version,
    configurationId: wanted.configuration.id,
    parametersDigest: wanted.parametersDigest,
  }
  await applyReports(plane.context, [{ ...report, outcome: { ...report.outcome, installed } }])
}

/** Starts an execution, completes it, and returns the values that each instance received. */
async function carryOut(ids: readonly InstanceId[], request: Parameters<ControlPlane['start']>[0]) {
  const id = await plane.start({
    targets: { kind: 'ids', ids: [...ids] },
    rateControl: { concurrency: 10 },
    ...request,
  })
  const given = new Map<InstanceId, Invocation['wanted']>()
  for (const instance of ids) {
    const invocation = await takeOne(instance)
    given.set(instance, invocation.wanted)
    await end(instance, invocation)
  }
  await plane.untilStatus(id, 'Success')
  return { id, given: [...given.values()].map((wanted) => wanted?.parameters) }
}

const planOf = async (request: {
  version?: string
  parameters?: object
  resetParameters?: boolean
  action?: 'install' | 'update'
}) => {
  const { planned } = await makePlan(plane.context, actor, {
    operation: { kind: 'extension', action: 'update', extension: 'demo', parameters: {}, ...request } as never,
    targets: { kind: 'all' },
    rateControl: {},
  })
  return planned
}
const storedOn = async (instance: InstanceId) => {
  const { rows } = await plane.db.pool.query(
    'select version, parameters from installed_states where instance_id = $1',
    [instance],
  )
  return rows
}

describe('installed values', () => {
  test('survive an update, an install of the same and of another version, on each instance its own', async () => {
    await create('demo')
    const [a, b] = await plane.enrol(2)
    await carryOut([a!], { extension: 'demo', parameters: { port: 9999, token: 'of-a' } })
    await carryOut([b!], { extension: 'demo', parameters: { port: 7777 } })
    expect((await planOf({ action: 'install' })).map(({ step }) => step)).toEqual(['none', 'none'])
    await addVersion('demo', { ...port, tls: { type: 'Boolean', default: false } })
    expect((await planOf({})).map(({ reason }) => renderEnglishReason(reason))).toEqual([
      'v1 -> v2; tls: none -> false',
      'v1 -> v2; tls: none -> false',
    ])
    const { given } = await carryOut([a!, b!], { extension: 'demo', action: 'update' })
    expect(given).toEqual([
      { port: 9999, token: 'of-a', tls: false },
      { port: 7777, token: '', tls: false },
    ])
    // And again, from the stored values of each.
    const again = await carryOut([a!, b!], { extension: 'demo', action: 'update', parameters: { tls: true } })
    expect(again.given).toEqual([
      { port: 9999, token: 'of-a', tls: true },
      { port: 7777, token: '', tls: true },
    ])
    expect(await storedOn(a!)).toEqual([{ version: 2, parameters: { port: 9999, tls: true } }])
    const { rows } = await plane.db.pool.query(
      'select (select string_agg(s::text, $1) from parameter_sets s) || (select string_agg(e::text, $1) from executions e) || (select string_agg(t::text, $1) from task_executions t) as text',
      [' '],
    )
    expect(rows[0].text).not.toContain('of-a')
  })

  test('are reset when requested; the plan lists every change', async () => {
    await create('demo')
    const [a] = await plane.enrol(1)
    await carryOut([a!], { extension: 'demo', parameters: { port: 9999, token: 'secret' } })
    const [target] = await planOf({ resetParameters: true })
    expect(target?.step).toBe('update')
    expect(renderEnglishReason(target?.reason ?? [])).toBe('port: 9999 -> 8080, token: changed')
    expect(target?.parameterChanges).toEqual([
      { name: 'port', from: 9999, to: 8080 },
      { name: 'token', secret: true },
    ])
    const operation = {
      kind: 'extension',
      action: 'update',
      extension: 'demo',
      parameters: {},
      resetParameters: true,
    } as const
    const { given } = await carryOut([a!], { operation })
    expect(given).toEqual([{ port: 8080, token: '' }])
  })

  test('are kept for each of several extensions in order', async () => {
    await create('demo')
    await create('other')
    const [a] = await plane.enrol(1)
    await carryOut([a!], { extension: 'demo', parameters: { port: 1111 } })
    await carryOut([a!], { extension: 'other', parameters: { port: 2222, token: 't' } })
    await addVersion('demo', port)
    await addVersion('other', port)
    const extensions = ['demo', 'other'].map((extension) => ({ extension, parameters: {} }))
    const id = await plane.start({ operation: { kind: 'extensions', action: 'update', extensions } })
    const first = await takeOne(a!)
    expect(first.wanted?.parameters).toEqual({ port: 1111, token: '' })
    await end(a!, first)
    const second = await takeOne(a!)
    expect(second.wanted?.parameters).toEqual({ port: 2222, token: 't' })
    await end(a!, second)
    await plane.untilStatus(id, 'Success')
    const { rows } = await plane.db.pool.query('select parameters from installed_states order by parameters')
    expect(rows).toEqual([{ parameters: { port: 1111 } }, { parameters: { port: 2222 } }])
  })

  test('survive a failure and its retry, which only gives the given ones', async () => {
    await create('demo')
    const [a] = await plane.enrol(1)
    await carryOut([a!], { extension: 'demo', parameters: { port: 9999 } })
    await addVersion('demo', { ...port, tls: { type: 'Boolean', default: false } })
    const id = await plane.start({ extension: 'demo', action: 'update', parameters: { token: 'x' } })
    await end(a!, await takeOne(a!), 'failed')
    await plane.untilStatus(id, 'Failed')
    await retryExecution(plane.context, actor, id)
    expect((await takeOne(a!)).wanted?.parameters).toEqual({ port: 9999, token: 'x', tls: false })
  })

  test('are kept when a user reports what an instance has', async () => {
    await create('demo')
    const [a] = await plane.enrol(1)
    await carryOut([a!], { extension: 'demo', parameters: { port: 9999 } })
    await addVersion('demo', port)
    await recordInstalledState(plane.context, actor, {
      instance: a!,
      action: 'install',
      requested: { extension: 'demo', version: 'v2', parameters: {} },
    })
    expect(await storedOn(a!)).toEqual([{ version: 2, parameters: { port: 9999 } }])
  })
})

describe('values that the new version refuses', () => {
  test.each<[string, ParameterDeclarations, string]>([
    ['another type', { port: { type: 'String', default: 'x' } }, 'parameter port is not a String: 9999'],
    [
      'lower limits',
      { port: { type: 'Number', default: 80, max: 5_000 } },
      'parameter port is above the maximum 5000: 9999',
    ],
  ])('leave the instance out with a reason: %s', async (_, declared, reason) => {
    await create('demo')
    const [a, b] = await plane.enrol(2)
    await carryOut([a!], { extension: 'demo', parameters: { port: 9999 } })
    await addVersion('demo', declared)
    const planned = await planOf({ action: 'install' })
    expect(planned[0]).toMatchObject({ instanceId: a, step: 'skip', reasonCode: 'ParametersUnfit' })
    expect(renderEnglishReason(planned[0]?.reason ?? [])).toContain(reason)
    expect(planned[1]).toMatchObject({ instanceId: b, step: 'install' })
    expect((await planOf({ resetParameters: true }))[0]).toMatchObject({ step: 'update' })
  })

  test('a new parameter without a default is required, unless every instance has it', async () => {
    await create('demo')
    const [a] = await plane.enrol(2)
    await carryOut([a!], { extension: 'demo' })
    await addVersion('demo', { ...port, key: { type: 'String' } })
    await expect(planOf({})).rejects.toMatchObject({
      code: 'ParameterMissing',
      details: { problems: [{ path: 'parameters.key', message: expect.stringContaining('on 1 of 2, such as host-') }] },
    })
    await carryOut([a!], { extension: 'demo', parameters: { key: 'k' } })
    await addVersion('demo', { key: { type: 'String' } })
    expect((await planOf({})).map(({ step }) => step)).toEqual(['update', 'skip'])
  })
})

test('a task from before parameter sets has the values of its execution', async () => {
  await create('demo')
  const [a] = await plane.enrol(1)
  const id: ExecutionId = await plane.start({ extension: 'demo', parameters: { port: 5 } })
  await plane.db.pool.query("update executions set operation = operation - 'given'")
  const [task] = await readTasks(plane.context, actor, id, { limit: 1 })
  expect(task?.parameter_set).toBeNull()
  expect((await takeOne(a!)).wanted?.parameters).toEqual({ port: 5, token: '' })
})

test('values are readable: of the execution, the task, the instance and in the audit log, with secrets masked', async () => {
  await create('demo')
  const [a, b] = await plane.enrol(2)
  await carryOut([a!], { extension: 'demo', parameters: { port: 9999, token: 'hunter2' } })
  await addVersion('demo', { ...port, tls: { type: 'Boolean', default: false } })
  const { id } = await carryOut([a!, b!], { extension: 'demo', parameters: { tls: true } })
  const { execution } = await readExecution(plane.context, actor, id)
  expect(await readExecutionValues(plane.context, execution)).toEqual([
    { extension: 'demo', values: { port: 8080, token: '******', tls: true }, given: ['tls'], reset: false },
  ])
  const valuesOf = async (instance: InstanceId) =>
    readTaskValues(plane.context, execution, (await readTask(plane.context, actor, id, instance)).task)
  expect(await valuesOf(a!)).toEqual([
    { extension: 'demo', values: { port: 9999, token: '******', tls: true }, changes: [{ name: 'tls', to: true }] },
  ])
  expect(await valuesOf(b!)).toEqual([
    { extension: 'demo', values: { port: 8080, token: '******', tls: true }, changes: [] },
  ])
  const shown = (await getInstance(plane.context, actor, a!)).extensions
  expect(shown).toMatchObject([{ extensionName: 'demo', parameters: { port: 9999, token: '******', tls: true } }])
  expect(JSON.stringify(shown)).not.toContain('sealed')
  const { rows } = await plane.db.pool.query("select detail from audit_log where action = 'StartExecution' order by id")
  expect(rows[0].detail.parameters).toEqual([{ extension: 'demo', values: { port: 9999, token: '******' } }])
  expect(JSON.stringify(rows)).not.toContain('hunter2')
})

test('a secret that cannot be decrypted does not hide the rest', async () => {
  await create('demo')
  const [a] = await plane.enrol(1)
  await carryOut([a!], { extension: 'demo', parameters: { token: 'x' } })
  await plane.db.pool.query('update installed_states set secret_parameters_sealed = $1', [Buffer.alloc(64)])
  expect((await getInstance(plane.context, actor, a!)).extensions).toMatchObject([{ parameters: { port: 8080 } }])
})
