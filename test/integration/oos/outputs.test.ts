/** `Outputs`: the output of the action's script, one entry per package if there are several. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { ExecutionId, InstanceId, InvocationId } from '../../../src/core/id.ts'
import { applyReports } from '../../../src/server/app/agent/apply-reports.ts'
import type { EndReport } from '../../../src/server/app/agent/report.ts'
import { makeEnd } from '../control-plane/control-plane.ts'
import { makeExecutionCalls, targetsOf } from './execution-calls.ts'
import { type OosPlane, startOosPlane } from './oos-plane.ts'

let oos: OosPlane
let calls: ReturnType<typeof makeExecutionCalls>
let id: InstanceId

beforeAll(async () => {
  oos = await startOosPlane()
  calls = makeExecutionCalls(oos.call)
  for (const name of ['demo', 'other', 'third']) await oos.plane.makeExtension(name)
})
afterAll(() => oos.stop())
beforeEach(async () => {
  const [enrolled] = await oos.plane.enrol(1)
  id = enrolled as InstanceId
})

interface Said {
  readonly stdout?: string
  readonly stderr?: string
  readonly output?: string
  readonly scriptRange?: EndReport['scriptRange']
}

/** Takes the next invocation of the instance, prints, and ends it. */
async function carryOut(
  { stdout = '', stderr = '', output, scriptRange }: Said,
  state: 'succeeded' | 'failed' = 'succeeded',
) {
  const [work] = await oos.plane.takeWork([id], 1)
  const invocationId = work?.invocationId as InvocationId
  const at = new Date('2026-01-01T00:00:00Z')
  const print = (stream: 'stdout' | 'stderr', text: string) => ({
    ...({ kind: 'output', instanceId: id, invocationId, stream, offset: 0, at, data: Buffer.from(text) } as const),
  })
  const end = makeEnd(id, invocationId, state) as EndReport & { readonly instanceId: InstanceId }
  await applyReports(oos.plane.context, [
    ...(stdout === '' ? [] : [print('stdout', stdout)]),
    ...(stderr === '' ? [] : [print('stderr', stderr)]),
    { ...end, outcome: { ...end.outcome, ...(output === undefined ? {} : { output }) }, scriptRange },
  ])
}

const outputsOf = async (ExecutionId: string) => JSON.parse((await calls.show(ExecutionId)).Outputs)

test('several packages: an entry for each, with its own output', async () => {
  const packageInfo = [{ packageName: 'demo' }, { packageName: 'other' }, { packageName: 'third' }]
  const { Execution } = await oos.call('StartExecution', {
    TemplateName: 'ACS-ECS-BulkyConfigureMultipleOOSPackagesWithTemporaryURL',
    Parameters: JSON.stringify({ packageInfo, targets: targetsOf([id]) }),
  })
  await carryOut({ stdout: 'one\n', output: 'answer one' })
  await carryOut({ stdout: 'two\n', stderr: 'no\n' }, 'failed')
  await oos.plane.untilStatus(Execution.ExecutionId as ExecutionId, 'Failed')
  const entries = (...results: string[]) => [
    {
      InstanceId: id,
      InstanceResult: packageInfo.map(({ packageName }, index) => ({
        Package: packageName,
        PackageResult: results[index] ?? '',
      })),
    },
  ]
  expect(await outputsOf(Execution.ExecutionId)).toEqual({
    commandOutput: entries('one\n', 'two\nno\n'),
    configurationOutput: entries('answer one'),
  })
  const [, , task] = await calls.listTasks(Execution.ExecutionId)
  expect(JSON.parse(task?.Outputs).commandOutput).toEqual(entries('one\n', 'two\nno\n')[0])
})

test('several packages are updated', async () => {
  const start = async (action: string) => {
    const packageInfo = [{ packageName: 'demo' }, { packageName: 'other' }]
    const { Execution } = await oos.call('StartExecution', {
      TemplateName: 'ACS-ECS-BulkyConfigureMultipleOOSPackagesWithTemporaryURL',
      Parameters: JSON.stringify({ action, packageInfo, targets: targetsOf([id]) }),
    })
    return Execution.ExecutionId as ExecutionId
  }
  const installed = await start('install')
  await carryOut({})
  await carryOut({})
  await oos.plane.untilStatus(installed, 'Success')
  const configuration = { OSType: 'linux', InstallScript: '#!/bin/sh\ntrue\n', UninstallScript: '#!/bin/sh\ntrue\n' }
  const Content = JSON.stringify({ FormatVersion: 'OOS-2019-06-01-Package', Packages: [configuration] })
  for (const TemplateName of ['demo', 'other']) await oos.call('UpdateTemplate', { TemplateName, Content })
  const updated = await start('update')
  await carryOut({ stdout: 'first\n' })
  await carryOut({ stdout: 'second\n' })
  await oos.plane.untilStatus(updated, 'Success')
  expect((await outputsOf(updated)).commandOutput[0].InstanceResult).toEqual([
    { Package: 'demo', PackageResult: 'first\n' },
    { Package: 'other', PackageResult: 'second\n' },
  ])
})

test.each([
  ['all of it where no other script ran', undefined, 'removed\ninstalled\nanswer\nwarning\n'],
  ['of several scripts the one of the action', { stdout: [8, 18], stderr: [0, 8] }, 'installed\nwarning\n'],
  ['nothing where it says what cannot be', { stdout: [18, 8], stderr: [100, 200] }, ''],
  ['nothing where it printed nothing', { stdout: [8, 8], stderr: [0, 0] }, ''],
] as const)('one package: %s', async (_, scriptRange, text) => {
  const { ExecutionId } = await calls.start([id])
  await carryOut({ stdout: 'removed\ninstalled\nanswer\n', stderr: 'warning\n', output: 'answer', scriptRange })
  await oos.plane.untilStatus(ExecutionId, 'Success')
  const result = (output: string) => [{ InstanceId: id, InstanceResult: [{ Package: 'demo', PackageResult: output }] }]
  expect(await outputsOf(ExecutionId)).toEqual({ commandOutput: result(text), configurationOutput: result('answer') })
})

test("the last 24 KB of the action's script output, with the number of bytes cut before them", async () => {
  const { ExecutionId } = await calls.start([id])
  const script = `${'x'.repeat(30_000)}end`
  const scriptRange = { stdout: [10_000, 40_003], stderr: [0, 0] } as const
  await carryOut({ stdout: `${'a'.repeat(10_000)}${script}${'b'.repeat(10_000)}`, scriptRange })
  await oos.plane.untilStatus(ExecutionId, 'Success')
  const [{ InstanceResult }] = (await outputsOf(ExecutionId)).commandOutput
  const tail = script.slice(-24 * 1024)
  expect(InstanceResult[0].PackageResult).toBe(`[${script.length - tail.length} bytes before this are cut]\n${tail}`)
})
