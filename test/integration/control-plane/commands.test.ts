/** Commands from request to end: no extension, no installed state, no waiting for each other. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CommandRequest } from '../../../src/core/execution/operation.ts'
import type { InstanceId } from '../../../src/core/id.ts'
import { makeReason } from '../../../src/core/reason/reason.ts'
import { applyReports } from '../../../src/server/app/agent/apply-reports.ts'
import { handOutWork } from '../../../src/server/app/agent/hand-out-invocations.ts'
import { readExecution, readExecutions, readTasks } from '../../../src/server/app/execution/read-executions.ts'
import { retryExecution } from '../../../src/server/app/execution/retry-execution.ts'
import { makePlan } from '../../../src/server/app/plan/make-plan.ts'
import { actor, type ControlPlane, makeEnd, startControlPlane } from './control-plane.ts'

let plane: ControlPlane
beforeAll(async () => {
  plane = await startControlPlane()
})
afterAll(() => plane.stop())

const command = (details: Partial<CommandRequest> = {}): CommandRequest => ({
  kind: 'command',
  type: 'RunShellScript',
  content: 'echo "$CHANDLER_PARAM_greeting"',
  timeoutMs: 30_000,
  parameters: {},
  noEcho: [],
  ...details,
})

const startOn = (ids: readonly InstanceId[], details: Partial<CommandRequest> = {}) =>
  plane.start({ operation: command(details), targets: { kind: 'ids', ids } })

test('are handed out with everything they need to run, and decrypted secret values', async () => {
  const ids = await plane.enrol(1)
  const details = {
    runAs: 'daemon',
    workDir: '/srv',
    parameters: { greeting: 'hello', token: 's3cret' },
    noEcho: ['token'],
  }
  const id = await startOn(ids, details)
  await plane.untilStatus(id, 'Running')
  const [work] = [...(await handOutWork(plane.context, ids)).values()]
  expect(work?.invocations).toMatchObject([
    {
      action: 'run',
      extensionId: `command-${id}`,
      extensionName: '',
      wanted: {
        configuration: {
          scripts: { install: command().content },
          run: { runAs: 'daemon', workDir: '/srv', timeoutMs: 30_000 },
        },
        parameters: { greeting: 'hello', token: 's3cret' },
      },
    },
  ])
  const { execution } = await readExecution(plane.context, actor, id)
  expect(JSON.stringify(execution.operation)).not.toContain('s3cret')
  expect(execution.operation).toMatchObject({ kind: 'command', parameters: { greeting: 'hello' } })
  expect(execution.extension_id).toBeNull()
})

test('have parameters in braces, unless they disable them', async () => {
  const ids = await plane.enrol(1)
  const handedOut = async (details: Partial<CommandRequest>) => {
    const id = await startOn(ids, { content: 'echo {{ greeting }}', parameters: { greeting: 'hello' }, ...details })
    await plane.untilStatus(id, 'Running')
    return (await handOutWork(plane.context, ids)).get(ids[0]!)?.invocations.find((one) => one.executionId === id)
  }
  expect((await handedOut({}))?.builtins).toMatchObject({ InstanceId: ids[0], RegionId: 'default' })
  const literal = await handedOut({ placeholders: false })
  expect(literal?.builtins).toBeUndefined()
  expect(literal?.wanted?.configuration.scripts.install).toBe('echo {{ greeting }}')
  await expect(
    startOn(ids, { content: 'echo ok\necho "{{ greeting }}', parameters: { greeting: 'x' } }),
  ).rejects.toThrow('the command, line 2, column 6: this quote does not end')
})

test('of two executions run on one instance at once', async () => {
  const ids = await plane.enrol(1)
  const [one, two] = [await startOn(ids), await startOn(ids)]
  await plane.until(async () => (await plane.statuses(one)).Running === 1 && (await plane.statuses(two)).Running === 1)
  await plane.end(await plane.takeWork(ids, 2))
  await plane.untilStatus(one, 'Success')
  await plane.untilStatus(two, 'Success')
  expect((await plane.db.pool.query('select * from mutation_waits')).rows).toEqual([])
})

test('record no installed state, whatever an agent reports', async () => {
  const ids = await plane.enrol(1)
  const id = await startOn(ids)
  // The ends of this test plane report version 1 as installed.
  await plane.end(await plane.takeWork(ids, 1))
  await plane.untilStatus(id, 'Success')
  const { rows } = await plane.db.pool.query('select * from installed_states where instance_id = $1', [ids[0]])
  expect(rows).toEqual([])
})

test('keep their output when they fail, and run again with the same values', async () => {
  const ids = await plane.enrol(2)
  const details = { parameters: { token: 's3cret', count: 3 }, noEcho: ['token'] }
  const id = await startOn(ids, details)
  const [good, bad] = await plane.takeWork(ids, 2)
  const end = makeEnd(bad!.instanceId, bad!.invocationId, 'failed')
  if (end.kind !== 'end') throw new Error('no end')
  await applyReports(plane.context, [{ ...end, outcome: { ...end.outcome, output: 'half of it' } }])
  await plane.end([good!])
  await plane.untilStatus(id, 'Failed')
  const failed = await readTasks(plane.context, actor, id, { status: 'Failed', limit: 10 })
  expect(failed).toMatchObject([{ step: 'run', output: 'half of it', exit_code: 1 }])
  const again = await retryExecution(plane.context, actor, id, undefined)
  await plane.untilStatus(again, 'Running')
  const work = await handOutWork(plane.context, [bad!.instanceId])
  expect(work.get(bad!.instanceId)?.invocations[0]?.wanted).toMatchObject({
    configuration: { scripts: { install: command().content } },
    parameters: { token: 's3cret', count: 3 },
  })
})

test('for Windows do not run on Linux, and the plan says so', async () => {
  const ids = await plane.enrol(1)
  const body = {
    operation: command({ type: 'RunPowerShellScript' }),
    targets: { kind: 'ids', ids } as const,
    rateControl: {},
  }
  const { planned } = await makePlan(plane.context, actor, body)
  expect(planned).toMatchObject([
    {
      step: 'skip',
      reasonCode: 'NotInScope',
      reason: makeReason('CommandNeedsOs', { type: 'RunPowerShellScript', os: 'windows', instanceOs: 'linux' }),
    },
  ])
})

test.each([
  ['the command is empty', { content: ' \n' }],
  ['the command holds a NUL byte', { content: 'true\0' }],
  ['must begin with /', { workDir: 'relative' }],
  ['1 to 64 characters', { runAs: 'x'.repeat(65) }],
  ['has no value', { noEcho: ['missing'] }],
])('are refused: %s', async (reason, details) => {
  const ids = await plane.enrol(1)
  await expect(startOn(ids, details)).rejects.toMatchObject({
    code: 'RequestInvalid',
    message: expect.stringContaining(reason),
  })
})

test('are not executions of an extension', async () => {
  await plane.makeExtension('demo')
  const ids = await plane.enrol(1)
  await startOn(ids)
  const found = await readExecutions(plane.context, actor, { extension: 'demo' }, { limit: 10 })
  expect(found).toEqual([])
})

test('OS packages are one mutation: the second execution on an instance waits for the first', async () => {
  const ids = await plane.enrol(1)
  const request = {
    operation: { kind: 'osPackage', action: 'install', installer: 'auto', names: ['curl'], timeoutMs: 60_000 },
    targets: { kind: 'ids', ids },
  } as const
  const one = await plane.start(request)
  await plane.untilStatus(one, 'Running')
  const two = await plane.start(request)
  await plane.untilStatus(two, 'Queued')
  const work = await handOutWork(plane.context, ids)
  const [invocation] = work.get(ids[0]!)?.invocations ?? []
  expect(invocation).toMatchObject({ action: 'run', osPackages: { installer: 'auto', names: ['curl'] } })
  await plane.end([{ instanceId: ids[0]!, invocationId: invocation!.id }])
  await plane.end(await plane.takeWork(ids, 1))
  await plane.untilStatus(one, 'Success')
  await plane.untilStatus(two, 'Success')
})
