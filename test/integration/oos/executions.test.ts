/** Executions through the official clients: started, controlled, changed and deleted. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ExecutionId, InstanceId, InvocationId } from '../../../src/core/id.ts'
import { applyReports } from '../../../src/server/app/agent/apply-reports.ts'
import { makeFacts } from '../../make-instance.ts'
import { type CallOos, clientNames, type OosAnswer } from './clients.ts'
import { makeExecutionCalls, targetsOf, temporaryUrlTemplate as template } from './execution-calls.ts'
import { type OosPlane, startOosPlane } from './oos-plane.ts'

let oos: OosPlane
let call: CallOos
let calls: ReturnType<typeof makeExecutionCalls>
let ids: InstanceId[]

beforeAll(async () => {
  oos = await startOosPlane()
  call = oos.call
  calls = makeExecutionCalls(call)
  await oos.plane.makeExtension('demo')
})
afterAll(() => oos.stop())
/** Each test has its own instances: leftovers of one do not affect the next. */
beforeEach(async () => {
  ids = (await oos.plane.enrol(3)).toSorted()
})

const start = (parameters: Readonly<Record<string, unknown>> = {}, request: Readonly<Record<string, string>> = {}) =>
  calls.start(ids, parameters, request)
const listTasks: typeof calls.listTasks = (...args) => calls.listTasks(...args)
const errorOf: typeof calls.errorOf = (...args) => calls.errorOf(...args)
const statusOf = (id: string, status: string) => oos.plane.untilStatus(id as ExecutionId, status)
const show: typeof calls.show = (id) => calls.show(id)

async function print(work: { instanceId: InstanceId; invocationId: string }, text: string) {
  await applyReports(oos.plane.context, [
    {
      kind: 'output',
      instanceId: work.instanceId,
      invocationId: work.invocationId as InvocationId,
      stream: 'stdout',
      offset: 0,
      at: new Date('2026-01-01T00:00:00Z'),
      data: Buffer.from(text),
    },
  ])
}

test.each(clientNames)('%s installs on three instances and reads it back', async (name) => {
  const client = oos.clients[name]
  const { Execution } = await client('StartExecution', {
    TemplateName: template,
    TemplateVersion: 'v12',
    Parameters: JSON.stringify({
      packageName: 'demo',
      packageVersion: '',
      targets: targetsOf(ids),
      rateControl: { Mode: 'Concurrency', Concurrency: '10', MaxErrors: '0%' },
      parameters: { port: '9090', token: 'very-secret' },
    }),
    Mode: 'Automatic',
    Tags: '{"team":"a"}',
    Description: 'by a client',
  })
  expect(Execution).toMatchObject({
    ExecutionId: expect.stringMatching(/^exec-/),
    // The dispatcher may have reconciled it already.
    Status: expect.stringMatching(/^(Started|Running)$/),
    TemplateName: template,
    TemplateVersion: 'v12',
    Tags: { team: 'a' },
    Description: 'by a client',
  })
  expect(Execution).not.toHaveProperty('Category')
  const given = JSON.parse(Execution.Parameters)
  expect(given.parameters).toEqual({ port: '9090', token: '******' })
  const id = Execution.ExecutionId
  const work = await oos.plane.takeWork(ids, 3)
  await print(work[0]!, 'one\ntwo\n')
  await oos.plane.end(work)
  await statusOf(id, 'Success')

  const execution = (await client('ListExecutions', { ExecutionId: id })).Executions[0]
  expect(execution).toMatchObject({
    Status: 'Success',
    Category: 'Other',
    Counters: { Total: 3, Success: 3, Failed: 0 },
    Parameters: { packageName: 'demo' },
    ResourceStatus: '{"Success":3}',
    CurrentTasks: [],
  })
  expect(JSON.parse(execution.Targets).Filters[0].ResourceIds).toEqual(ids)
  const outputs = JSON.parse(execution.Outputs)
  expect(outputs.commandOutput).toHaveLength(3)
  expect(outputs.commandOutput).toContainEqual({
    InstanceId: work[0]!.instanceId,
    InstanceResult: [{ Package: 'demo', PackageResult: 'one\ntwo\n' }],
  })
  const tasks = (await client('ListTaskExecutions', { ExecutionId: id })).TaskExecutions
  expect(tasks.map((task: OosAnswer) => task.TaskName)).toEqual([
    'getInstanceFromTargets',
    ...Array.from({ length: 4 }, () => 'configurePackage'),
  ])
  expect(
    tasks
      .slice(2)
      .map((task: OosAnswer) => task.LoopItem)
      .toSorted(),
  ).toEqual(ids)
  expect(new Set(tasks.slice(2).map((task: OosAnswer) => task.ParentTaskExecutionId))).toEqual(
    new Set([tasks[1].TaskExecutionId]),
  )
  const logs = (await client('ListExecutionLogs', { ExecutionId: id, LogType: 'Stdout' })).ExecutionLogs
  expect(logs.map((line: OosAnswer) => [line.Message, line.Timestamp])).toEqual([
    ['one', '2026-01-01T00:00:00Z'],
    ['two', '2026-01-01T00:00:00Z'],
  ])
})

describe('StartExecution', () => {
  test('accepts the same token for the same request, and for no other', async () => {
    const first = await start({}, { ClientToken: 'token-1' })
    expect((await start({}, { ClientToken: 'token-1' })).ExecutionId).toBe(first.ExecutionId)
    expect(
      await errorOf('StartExecution', {
        TemplateName: template,
        ClientToken: 'token-1',
        Parameters: JSON.stringify({ packageName: 'demo', targets: { Type: 'All' } }),
      }),
    ).toBe('IdempotentParameterMismatch')
  })

  test("accepts and returns the cloud's instance ids", async () => {
    const cloudId = `i-bp1${ids[0]!.slice(2)}`
    const facts = makeFacts()
    const cloud = {
      provider: 'alibaba',
      region: 'cn-hangzhou',
      zone: 'a',
      instanceId: cloudId,
      instanceType: 'ecs.g7.large',
      instanceFamily: 'ecs.g7',
      imageId: 'm',
      imageType: 'system',
      networkType: 'vpc',
    }
    const { database } = oos.plane.context
    const isLike = (id: string) =>
      database
        .updateTable('instances')
        .set({ facts: JSON.stringify({ ...facts, cloud }) })
        .where('id', '=', id)
        .execute()
    await isLike(ids[0]!)
    const { ExecutionId } = await start({ targets: targetsOf([cloudId]) })
    const [, , task] = await listTasks(ExecutionId)
    expect(task!.LoopItem).toBe(cloudId)
    expect((await call('ListExecutions', { ResourceId: cloudId })).TotalCount).toBe(1)
    await isLike(ids[1]!)
    const again = { packageName: 'demo', targets: targetsOf([cloudId]) }
    expect(await errorOf('StartExecution', { TemplateName: template, Parameters: JSON.stringify(again) })).toBe(
      'InvalidParameter',
    )
  })

  test('selects instances that have all tags, and no others', async () => {
    const [tagged] = await oos.plane.enrol(1, { tags: { env: ids[0]!, tier: 'web' } })
    await oos.plane.enrol(1, { tags: { env: ids[0]!, tier: 'db' } })
    const Tags = [
      { Key: 'env', Value: ids[0]! },
      { Key: 'tier', Value: 'web' },
    ]
    const { ExecutionId } = await start({ targets: { Type: 'Tags', Tags } })
    expect((await listTasks(ExecutionId)).slice(2).map((task) => task.LoopItem)).toEqual([tagged])
  })

  test('uses the batches and pauses of the rate control, which the loop mode overrides', async () => {
    const rateControl = { Mode: 'Batch', Batch: [1, '50%'], MaxErrors: 1, BatchPauseOption: 'Automatic' }
    const { ExecutionId } = await start({ rateControl }, { LoopMode: 'FirstBatchPause' })
    await oos.plane.end(await oos.plane.takeWork(ids, 1))
    await statusOf(ExecutionId, 'Waiting')
    expect(await show(ExecutionId)).toMatchObject({ WaitingStatus: 'BatchPause', LoopMode: 'FirstBatchPause' })
    await call('NotifyExecution', { ExecutionId, NotifyType: 'Approve', NotifyNote: 'looks good' })
    await oos.plane.end(await oos.plane.takeWork(ids, 2))
    await statusOf(ExecutionId, 'Success')
    const tasks = await listTasks(ExecutionId)
    expect(tasks.slice(2).map((task) => task.LoopBatchNumber)).toEqual([1, 2, 2])
    expect(tasks[1]!.ExtraData.NotifyNote).toBe('looks good')
  })

  test('uninstalls the installed version, whatever version and values are given', async () => {
    await start()
    await oos.plane.end(await oos.plane.takeWork(ids, 3))
    const uninstalling = { action: 'uninstall', packageVersion: 'v1', parameters: { port: '1', token: 'secret' } }
    const { Parameters } = await start(uninstalling)
    expect(JSON.parse(Parameters).parameters).toEqual({ port: '******', token: '******' })
    expect(await oos.plane.takeWork(ids, 3)).toHaveLength(3)
  })

  const refused: Readonly<Record<string, [Readonly<Record<string, unknown>>, string]>> = {
    'without a package': [{ packageName: undefined }, 'MissingParameter'],
    'an unknown package': [{ packageName: 'nothing' }, 'EntityNotExists.Template'],
    'an unknown version': [{ packageVersion: 'v99' }, 'EntityNotExists.TemplateVersion'],
    'an uninstall of an unknown version': [
      { action: 'uninstall', packageVersion: 'v99' },
      'EntityNotExists.TemplateVersion',
    ],
    'an unknown action': [{ action: 'repair' }, 'InvalidParameter'],
    'an unknown parameter': [{ packageVerison: 'v1' }, 'InvalidParameter'],
    'no targets': [{ targets: targetsOf([]) }, 'InvalidParameter'],
    'targets of an unknown type': [{ targets: { Type: 'ApplicationGroup', ApplicationName: 'a' } }, 'InvalidParameter'],
    'targets with a misspelt key': [{ targets: { Type: 'All', Regoin: 'x' } }, 'InvalidParameter'],
    'an instance that is not there': [{ targets: targetsOf(['i-nothing']) }, 'EntityNotExists.Instance'],
    'an order': [{ orderId: '123' }, 'InvalidParameter'],
    'a value that is no number': [{ parameters: { port: 'many' } }, 'InvalidParameter'],
    'a value that nobody declared': [{ parameters: { prot: '1' } }, 'InvalidParameter'],
    'rate control without a batch': [{ rateControl: { Mode: 'Batch' } }, 'InvalidParameter'],
    'rate control of nothing at once': [{ rateControl: { Mode: 'Concurrency', Concurrency: 0 } }, 'InvalidParameter'],
  }
  test.each(Object.entries(refused))('refuses %s, and starts nothing', async (_, [parameters, code]) => {
    const before = (await call('ListExecutions')).TotalCount
    const values = { packageName: 'demo', targets: targetsOf(ids), ...parameters }
    expect(await errorOf('StartExecution', { TemplateName: template, Parameters: JSON.stringify(values) })).toBe(code)
    expect((await call('ListExecutions')).TotalCount).toBe(before)
  })

  test('refuses inline content, and templates that do not exist', async () => {
    const Parameters = JSON.stringify({ packageName: 'demo', targets: targetsOf(ids) })
    expect(await errorOf('StartExecution', { TemplateName: 'ACS-ECS-Nothing', Parameters })).toBe(
      'EntityNotExists.Template',
    )
    expect(await errorOf('StartExecution', { TemplateContent: 'FormatVersion: OOS-2019-06-01', Parameters })).toBe(
      'InvalidTemplate',
    )
    expect(await errorOf('StartExecution', { TemplateURL: 'http://example.com/t.json', Parameters })).toBe(
      'InvalidTemplate',
    )
    expect(await errorOf('StartExecution', { Parameters })).toBe('MissingParameter')
    expect(await errorOf('StartExecution', { TemplateName: template, Parameters: '[1]' })).toBe('InvalidParameter')
    const parent = { TemplateName: template, Parameters, ParentExecutionId: 'exec-nothing' }
    expect(await errorOf('StartExecution', parent)).toBe('EntityNotExists.Execution')
    const { ExecutionId } = await start()
    const { Content } = await call('GetExecutionTemplate', { ExecutionId })
    expect((await call('StartExecution', { TemplateContent: Content, Parameters })).Execution.TemplateName).toBe(
      template,
    )
  })
})

describe('operator decisions', () => {
  test('in Debug mode one task at a time, until it is complete', async () => {
    const { ExecutionId } = await start({}, { Mode: 'Debug' })
    await statusOf(ExecutionId, 'Waiting')
    const [, loop, first, second] = await listTasks(ExecutionId)
    expect(loop!.Status).toBe('Waiting')
    const notify = (parameters: Readonly<Record<string, string>>) =>
      call('NotifyExecution', { ExecutionId, ...parameters })
    await notify({ NotifyType: 'ExecuteTask', TaskName: 'getInstanceFromTargets' })
    await notify({ NotifyType: 'ExecuteTask', TaskName: 'configurePackage', LoopItem: second!.LoopItem })
    expect(
      await errorOf('NotifyExecution', {
        ExecutionId,
        NotifyType: 'ExecuteTask',
        TaskName: 'configurePackage',
        LoopItem: first!.LoopItem,
      }),
    ).toBe('IncorrectExecutionStatus')
    const [work] = await oos.plane.takeWork(ids, 1)
    expect(work!.instanceId).toBe(second!.LoopItem)
    await oos.plane.end([work!], 'failed')
    await statusOf(ExecutionId, 'Waiting')
    await notify({ NotifyType: 'SkipTask', TaskExecutionId: second!.TaskExecutionId, NotifyNote: 'known' })
    await notify({ NotifyType: 'ExecuteTask', TaskName: 'configurePackage', Parameters: first!.Properties })
    await oos.plane.end(await oos.plane.takeWork(ids, 1))
    await statusOf(ExecutionId, 'Waiting')
    const success = { ExecutionId, NotifyType: 'CompleteExecution', ExecutionStatus: 'Success' }
    await expect(call('NotifyExecution', success)).rejects.toMatchObject({
      code: 'IncorrectExecutionStatus',
      message: expect.stringMatching(/Not run: task-\w+-3 \(.*\)\. Not succeeded: task-\w+-2 \(/),
    })
    await notify({ NotifyType: 'CompleteExecution', ExecutionStatus: 'Failed' })
    await statusOf(ExecutionId, 'Failed')
    expect(await show(ExecutionId)).toMatchObject({
      StatusReason: 'CompletedAsFailed',
      StatusMessage: expect.stringContaining('Completed as failed: 1 succeeded'),
    })
    const tasks = (await listTasks(ExecutionId)).slice(2)
    expect(tasks.map((task) => task.Status)).toEqual(['Success', 'Skipped', 'Cancelled'])
    expect(tasks[1]!.ExtraData.NotifyNote).toBe('known')
  })

  test.each([
    [{ ExecutionStatus: 'Failed' }, 'Failed'],
    [{ ExecutionStatus: 'Cancelled' }, 'Cancelled'],
    [{}, 'Cancelled'],
  ])('an execution without any run task is completed with %j', async (given, status) => {
    const { ExecutionId } = await start({}, { Mode: 'Debug' })
    await statusOf(ExecutionId, 'Waiting')
    await call('NotifyExecution', { ExecutionId, NotifyType: 'CompleteExecution', ...given })
    await statusOf(ExecutionId, status)
    expect((await show(ExecutionId)).Counters).toMatchObject({ Cancelled: 3 })
  })

  test('after a failure: it is retried, by the ids of its tasks', async () => {
    const { ExecutionId } = await start({}, { Mode: 'FailurePause' })
    await oos.plane.end(await oos.plane.takeWork(ids, 3), 'failed')
    await statusOf(ExecutionId, 'Waiting')
    const tasks = (await listTasks(ExecutionId, { Status: 'Failed' })).map((task) => task.TaskExecutionId)
    const TaskExecutionIds = JSON.stringify(tasks)
    await call('NotifyExecution', { ExecutionId, NotifyType: 'RetryTask', TaskExecutionIds })
    await oos.plane.end(await oos.plane.takeWork(ids, 3))
    await statusOf(ExecutionId, 'Success')
    const ofTask = { TaskExecutionId: tasks[0]! }
    const attempt = (number: number, Status: string) => ({
      InvocationId: `${tasks[0]!.replace('task-', 'inv-')}-${number}`,
      InvocationTaskExecutionId: tasks[0],
      InvocationTaskName: 'configurePackage',
      RegionId: oos.plane.context.region,
      Status,
    })
    const invocations = await call('ListTaskExecutionInvocations', ofTask)
    expect(invocations.TaskExecutionInvocations).toEqual([attempt(1, 'Failed'), attempt(2, 'Success')])
    const succeeded = await call('ListTaskExecutionInvocations', { ...ofTask, Status: 'Success' })
    expect(succeeded.TaskExecutionInvocations).toEqual([attempt(2, 'Success')])
    expect(await errorOf('ListTaskExecutionInvocations', { ...ofTask, Status: 'succeeded' })).toBe('InvalidParameter')
  })

  test('one task is cancelled, the others continue', async () => {
    const { ExecutionId } = await start({ rateControl: { Mode: 'Concurrency', Concurrency: 1, MaxErrors: 3 } })
    const work = await oos.plane.takeWork(ids, 1)
    const [, , , second] = await listTasks(ExecutionId)
    await call('NotifyExecution', { ExecutionId, NotifyType: 'CancelTask', TaskExecutionId: second!.TaskExecutionId })
    await oos.plane.end(work)
    await oos.plane.end(await oos.plane.takeWork(ids, 1))
    await statusOf(ExecutionId, 'Failed')
    expect((await show(ExecutionId)).Counters).toMatchObject({ Success: 2, Cancelled: 1 })
  })

  test('an answer that names another task changes nothing', async () => {
    const rateControl = { Mode: 'Batch', Batch: [1], MaxErrors: 0, BatchPauseOption: 'EveryBatchPause' }
    const { ExecutionId } = await start({ rateControl })
    await oos.plane.end(await oos.plane.takeWork(ids, 1))
    await statusOf(ExecutionId, 'Waiting')
    const [select, loop, first, second] = (await listTasks(ExecutionId)).map((task) => task as Record<string, string>)
    const other = (await start({ targets: targetsOf([ids[0]!]) })).ExecutionId
    const foreign = other.replace('exec-', 'task-')
    const before = await show(ExecutionId)
    const unknown: Readonly<Record<string, string>>[] = [
      { TaskExecutionId: 'task-nothing' },
      { TaskExecutionId: `${foreign}-1` },
      { TaskExecutionId: `${foreign}-loop` },
      { TaskExecutionId: loop!.TaskExecutionId!.replace('loop', '4') },
      { TaskExecutionIds: JSON.stringify([loop!.TaskExecutionId, 'task-nothing']) },
      { TaskName: 'nothing' },
      { TaskName: 'getInstanceFromTargets', TaskExecutionId: loop!.TaskExecutionId! },
      { TaskName: 'configurePackage', TaskExecutionId: select!.TaskExecutionId! },
      { LoopItem: 'i-nothing' },
      { LoopItem: first!.LoopItem!, TaskExecutionId: second!.TaskExecutionId! },
    ]
    for (const NotifyType of ['Approve', 'Reject', 'CompleteExecution', 'RetryTask', 'SkipTask', 'CancelTask']) {
      for (const names of unknown)
        expect(await errorOf('NotifyExecution', { ExecutionId, NotifyType, ...names })).toBe(
          'EntityNotExists.TaskExecution',
        )
    }
    const finding = { ExecutionId, NotifyType: 'Approve', TaskName: 'getInstanceFromTargets' }
    expect(await errorOf('NotifyExecution', finding)).toBe('IncorrectTaskExecutionStatus')
    expect(await show(ExecutionId)).toEqual(before)
    const names = { TaskName: 'configurePackage', TaskExecutionId: loop!.TaskExecutionId! }
    await call('NotifyExecution', { ExecutionId, NotifyType: 'Approve', ...names, LoopItem: second!.LoopItem! })
    await oos.plane.takeWork(ids, 1)
  })

  test('an answer without a request is refused', async () => {
    const { ExecutionId } = await start()
    const code = (parameters: Readonly<Record<string, string>>) =>
      errorOf('NotifyExecution', { ExecutionId, ...parameters })
    await oos.plane.takeWork(ids, 3)
    expect(await code({ NotifyType: 'Approve' })).toBe('IncorrectExecutionStatus')
    expect(await code({ NotifyType: 'Reject' })).toBe('IncorrectExecutionStatus')
    expect(await code({ NotifyType: 'CompleteExecution' })).toBe('IncorrectExecutionStatus')
    expect(await code({ NotifyType: 'RetryTask', LoopItem: ids[0]! })).toBe('IncorrectExecutionStatus')
    expect(await code({ NotifyType: 'RetryTask', LoopItem: 'i-nothing' })).toBe('EntityNotExists.TaskExecution')
    expect(await code({ NotifyType: 'RetryTask' })).toBe('MissingParameter')
    expect(await code({ NotifyType: 'Wave' })).toBe('InvalidParameter')
    expect(await code({})).toBe('MissingParameter')
    expect(await errorOf('NotifyExecution', { ExecutionId: 'exec-nothing', NotifyType: 'Approve' })).toBe(
      'EntityNotExists.Execution',
    )
    expect(await errorOf('TriggerExecution', { ExecutionId, Type: 'Event' })).toBe('IncorrectExecutionStatus')
  })
})

test('labels can be changed, the operation cannot', async () => {
  const { ExecutionId, Parameters } = await start()
  await call('UpdateExecution', {
    ExecutionId,
    Description: 'new',
    Tags: '{"a":"b"}',
    ResourceGroupId: 'rg-1',
    Parameters,
  })
  expect(await show(ExecutionId)).toMatchObject({ Description: 'new', Tags: { a: 'b' }, ResourceGroupId: 'rg-1' })
  const other = JSON.stringify({ packageName: 'other' })
  expect(await errorOf('UpdateExecution', { ExecutionId, Parameters: other })).toBe('InvalidParameter')
  expect(await errorOf('UpdateExecution', { ExecutionId: 'exec-nothing' })).toBe('EntityNotExists.Execution')
})

test('an open execution can only be deleted by force, and never while it runs', async () => {
  const waiting = await start({}, { Mode: 'Debug' })
  await statusOf(waiting.ExecutionId, 'Waiting')
  const remove = (id: string, Force = 'false') => ({ ExecutionIds: JSON.stringify([id]), Force })
  expect(await errorOf('DeleteExecutions', remove(waiting.ExecutionId))).toBe('IncorrectExecutionStatus')
  await call('DeleteExecutions', remove(waiting.ExecutionId, 'true'))
  expect((await call('ListExecutions', { ExecutionId: waiting.ExecutionId })).TotalCount).toBe(0)
  expect(await errorOf('DeleteExecutions', remove(waiting.ExecutionId))).toBe('EntityNotExists.Execution')

  const running = await start()
  const work = await oos.plane.takeWork(ids, 3)
  expect(await errorOf('DeleteExecutions', remove(running.ExecutionId, 'true'))).toBe('IncorrectExecutionStatus')
  await oos.plane.end(work)
  await statusOf(running.ExecutionId, 'Success')
  await call('DeleteExecutions', remove(running.ExecutionId))
  expect(await call('ListExecutions', { ExecutionId: running.ExecutionId })).toMatchObject({ Executions: [] })
})

test('an execution is cancelled', async () => {
  const { ExecutionId } = await start({}, { Mode: 'Debug' })
  await call('CancelExecution', { ExecutionId })
  await statusOf(ExecutionId, 'Cancelled')
  await call('CancelExecution', { ExecutionId })
  expect(await errorOf('CancelExecution', { ExecutionId: 'exec-nothing' })).toBe('EntityNotExists.Execution')
})

test('returns the requirements and risks of a template', async () => {
  expect((await call('ListExecutionRiskyTasks', { TemplateName: template })).RiskyTasks).toEqual([])
  expect(await errorOf('ListExecutionRiskyTasks', { TemplateName: 'nothing' })).toBe('EntityNotExists.Template')
  const { Policy, MissingPolicy } = await call('GenerateExecutionPolicy', { TemplateName: template })
  expect(JSON.parse(Policy).Statement[0].Action).toContain('oos:UpdateInstancePackageState')
  expect(JSON.parse(MissingPolicy)).toEqual({ Version: '1', Statement: [] })
})
