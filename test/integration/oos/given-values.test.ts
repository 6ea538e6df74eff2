/**
 * Values of a client read back unchanged: otherwise Terraform replaces an execution, and installs
 * again.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { InstanceId } from '../../../src/core/id.ts'
import { makeExecutionCalls, targetsOf, temporaryUrlTemplate } from './execution-calls.ts'
import { type OosPlane, startOosPlane } from './oos-plane.ts'

let oos: OosPlane
let calls: ReturnType<typeof makeExecutionCalls>
let ids: InstanceId[]

beforeAll(async () => {
  oos = await startOosPlane()
  calls = makeExecutionCalls(oos.call)
  await oos.plane.makeExtension('demo')
  ids = await oos.plane.enrol(1)
})
afterAll(() => oos.stop())

const TemplateName = temporaryUrlTemplate

async function startAndShow(request: Readonly<Record<string, string>>) {
  const { Execution } = await oos.call('StartExecution', { TemplateName, ...request })
  const shown = await calls.show(Execution.ExecutionId)
  return { started: { ...Execution, Parameters: JSON.parse(Execution.Parameters) }, shown }
}

test('absent values are not answered with a default', async () => {
  const values = { packageName: 'demo', targets: targetsOf(ids) }
  const { started, shown } = await startAndShow({ Parameters: JSON.stringify(values) })
  for (const execution of [started, shown]) {
    expect(execution.LoopMode ?? '').toBe('')
    expect(execution).toMatchObject({ SafetyCheck: '', RamRole: '', Mode: 'Automatic', Description: '', Tags: {} })
    expect(execution.Parameters).toEqual(values)
  }
})

test.each([
  [{ TemplateVersion: 'v12', LoopMode: 'EveryBatchPause', SafetyCheck: 'Skip', Mode: 'Debug' }],
  [{ TemplateVersion: 'V3', LoopMode: 'automatic', SafetyCheck: 'skip', Mode: 'failurePause' }],
])('%j reads back', async (request) => {
  const Parameters = JSON.stringify({ packageName: 'demo', targets: targetsOf(ids) })
  const { started, shown } = await startAndShow({ Parameters, ...request })
  expect(started).toMatchObject(request)
  expect(shown).toMatchObject(request)
  const { Template } = await oos.call('GetExecutionTemplate', { ExecutionId: started.ExecutionId })
  expect(Template.TemplateVersion).toBe(request.TemplateVersion)
})

test('parameters keep their order, their types and their text; only secrets are masked', async () => {
  const given = {
    targets: JSON.stringify({ ResourceIds: ids, Type: 'ResourceIds' }),
    rateControl: { MaxErrors: '0%', Concurrency: '10', Mode: 'Concurrency' },
    packageName: 'demo',
    parameters: { token: 'secret-1', port: '8080' },
    packageVersion: null,
  }
  const { started, shown } = await startAndShow({ Parameters: JSON.stringify(given) })
  const masked = { ...given, parameters: { token: '******', port: '8080' } }
  expect(JSON.stringify(started.Parameters)).toBe(JSON.stringify(masked))
  expect(JSON.stringify(shown.Parameters)).toBe(JSON.stringify(masked))
  const asText = { ...given, parameters: '{ "token": "secret-2", "port": 8080 }' }
  const other = await startAndShow({ Parameters: JSON.stringify(asText) })
  expect(other.shown.Parameters.parameters).toBe('{"token":"******","port":8080}')
  const open = await startAndShow({ Parameters: JSON.stringify({ ...given, parameters: '{ "port": 8080 }' }) })
  expect(open.shown.Parameters.parameters).toBe('{ "port": 8080 }')
})

test('several packages read back as they were given', async () => {
  await oos.plane.makeExtension('other')
  const packageInfo = [{ packageName: 'demo', parameters: { port: '1', token: 'secret' } }, { packageName: 'other' }]
  const values = { packageInfo, targets: targetsOf(ids) }
  const { shown } = await startAndShow({
    TemplateName: 'ACS-ECS-BulkyConfigureMultipleOOSPackagesWithTemporaryURL',
    Parameters: JSON.stringify(values),
  })
  const [demo, ...others] = packageInfo
  const masked = { ...demo, parameters: { port: '1', token: '******' } }
  expect(shown.Parameters).toEqual({ ...values, packageInfo: [masked, ...others] })
})

test('returned values are valid input, for the execution and for its tasks', async () => {
  const values = { packageName: 'demo', targets: targetsOf(ids), parameters: { port: '8081' } }
  const Parameters = JSON.stringify(values)
  const { started } = await startAndShow({ Parameters, Mode: 'Debug' })
  const { ExecutionId } = started
  await oos.call('UpdateExecution', { ExecutionId, Parameters })
  const withoutInstance = JSON.stringify({ packageName: 'demo', parameters: { port: '8081' } })
  await oos.plane.untilStatus(ExecutionId, 'Waiting')
  const next = { ExecutionId, NotifyType: 'ExecuteTask', TaskName: 'configurePackage', Parameters: withoutInstance }
  await oos.call('NotifyExecution', next)
  expect(await calls.errorOf('UpdateExecution', { ExecutionId, Parameters: '{"parameters":{"port":"1"}}' })).toBe(
    'InvalidParameter',
  )
})

test('an equivalent request is the same for a client token', async () => {
  const args = [
    { packageName: 'demo', targets: targetsOf(ids), parameters: { port: '7070' } },
    { parameters: { port: 7070 }, targets: targetsOf(ids), packageName: 'demo' },
  ]
  const started = []
  for (const values of args) {
    const { started: execution } = await startAndShow({ Parameters: JSON.stringify(values), ClientToken: 'same' })
    started.push(execution)
  }
  expect(started[1]!.ExecutionId).toBe(started[0]!.ExecutionId)
})
