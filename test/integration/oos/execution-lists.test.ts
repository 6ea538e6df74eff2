/** Executions, their tasks and their logs, read page by page. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ExecutionId, InstanceId, InvocationId } from '../../../src/core/id.ts'
import { applyReports } from '../../../src/server/app/agent/apply-reports.ts'
import type { CallOos, OosAnswer } from './clients.ts'
import { makeExecutionCalls } from './execution-calls.ts'
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

describe('lists', () => {
  test('find executions by their fields, page by page', async () => {
    const tag = { Tags: JSON.stringify({ list: ids[0] }) }
    const started: string[] = []
    for (let n = 0; n < 5; n++) started.push((await start({}, { ...tag, Description: `number ${n}` })).ExecutionId)
    const all: string[] = []
    let NextToken = ''
    do {
      const page = await call('ListExecutions', { ...tag, MaxResults: 2, NextToken, SortOrder: 'Ascending' })
      expect(page.TotalCount).toBe(5)
      all.push(...page.Executions.map((one: OosAnswer) => one.ExecutionId))
      NextToken = page.NextToken
    } while (NextToken)
    expect(all.toSorted()).toEqual(started.toSorted())
    const count = async (parameters: Readonly<Record<string, string>>) =>
      (await call('ListExecutions', { ...tag, ...parameters })).TotalCount
    expect(await count({ Description: 'number 3' })).toBe(1)
    expect(await count({ TemplateName: 'WithTemporaryURL' })).toBe(5)
    expect(await count({ TemplateName: 'RunCommand' })).toBe(0)
    expect(await count({ ResourceId: ids[1]! })).toBe(5)
    expect(await count({ ResourceId: 'i-nothing' })).toBe(0)
    expect(await count({ Mode: 'Debug' })).toBe(0)
    expect(await count({ StartDateAfter: '2100-01-01T00:00:00Z' })).toBe(0)
    expect(await count({ StartDateBefore: '2100-01-01T00:00:00Z', ExecutedBy: 'admin' })).toBe(5)
    expect(await count({ EndDateBefore: '2100-01-01T00:00:00Z' })).toBe(0)
    expect(await count({ Category: 'TimerTrigger' })).toBe(0)
  })

  test('have pages up to the requested size', async () => {
    const tag = { Tags: JSON.stringify({ depth: ids[0] }) }
    const root = await start({}, tag)
    const child = await start({}, { ...tag, ParentExecutionId: root.ExecutionId })
    const grandchild = await start({}, { ...tag, ParentExecutionId: child.ExecutionId })
    const all = [root, child, grandchild].map(({ ExecutionId }) => ExecutionId)
    const list = async (parameters: Readonly<Record<string, string>>) => {
      const page = await call('ListExecutions', { ...tag, SortOrder: 'Ascending', ...parameters })
      expect(page.TotalCount).toBe(page.Executions.length)
      return page.Executions.map((one: OosAnswer) => one.ExecutionId)
    }
    expect(await list({})).toEqual(all)
    expect(await list({ Depth: 'RootDepth' })).toEqual(all.slice(0, 1))
    expect(await list({ Depth: 'FirstChildDepth' })).toEqual(all.slice(0, 2))
    expect(await list({ IncludeChildExecution: 'true' })).toEqual(all)
    expect(await list({ IncludeChildExecution: 'false' })).toEqual(all.slice(0, 1))
    const children = { ParentExecutionId: root.ExecutionId, IncludeChildExecution: 'false' }
    expect(await list(children)).toEqual([child.ExecutionId])
    expect(await errorOf('ListExecutions', { Depth: 'AllDepth' })).toBe('InvalidParameter')
  })

  test('are ordered by end and by status, without losing any at a page boundary', async () => {
    const tag = { Tags: JSON.stringify({ order: ids[0] }) }
    const one = await start({}, tag)
    await oos.plane.end(await oos.plane.takeWork(ids, 3))
    await statusOf(one.ExecutionId, 'Success')
    const two = await start({}, { ...tag, Mode: 'Debug' })
    const three = await start({}, { ...tag, Mode: 'Debug' })
    // A status that changes between two pages moves its execution to another place in the list.
    for (const { ExecutionId } of [two, three]) await statusOf(ExecutionId, 'Waiting')
    for (const SortField of ['EndDate', 'Status']) {
      const seen: string[] = []
      let NextToken = ''
      do {
        const page = await call('ListExecutions', {
          ...tag,
          SortField,
          SortOrder: 'Ascending',
          MaxResults: 1,
          NextToken,
        })
        seen.push(...page.Executions.map((execution: OosAnswer) => execution.ExecutionId))
        NextToken = page.NextToken
      } while (NextToken)
      expect(new Set(seen)).toEqual(new Set([one, two, three].map(({ ExecutionId }) => ExecutionId)))
      expect(seen).toHaveLength(3)
      expect(seen[0]).toBe(one.ExecutionId)
    }
  })

  test('return tasks in pages of any size, in any order, each once', async () => {
    const { ExecutionId } = await start()
    await oos.plane.end(await oos.plane.takeWork(ids, 3))
    await statusOf(ExecutionId, 'Success')
    const whole: string[] = (await listTasks(ExecutionId)).map((task) => task.TaskExecutionId)
    expect(whole).toHaveLength(5)
    for (const SortField of ['StartDate', 'EndDate', 'Status']) {
      for (const SortOrder of ['Ascending', 'Descending']) {
        for (const MaxResults of [1, 2, 3, 5]) {
          const seen: string[] = []
          let NextToken = ''
          do {
            const page = await call('ListTaskExecutions', { ExecutionId, SortField, SortOrder, MaxResults, NextToken })
            seen.push(...page.TaskExecutions.map((task: OosAnswer) => task.TaskExecutionId))
            NextToken = page.NextToken
          } while (NextToken)
          expect(seen.toSorted(), `${SortField} ${SortOrder} ${MaxResults}`).toEqual(whole.toSorted())
          if (SortField === 'StartDate') expect(SortOrder === 'Ascending' ? seen : seen.toReversed()).toEqual(whole)
        }
      }
    }
    const names = async (parameters: Readonly<Record<string, string>>) =>
      (await listTasks(ExecutionId, parameters)).map((task) => task.TaskExecutionId)
    expect(await names({ TaskName: 'getInstanceFromTargets' })).toEqual([whole[0]])
    expect(await names({ ParentTaskExecutionId: whole[1]! })).toEqual(whole.slice(2))
    expect(await names({ TaskExecutionId: whole[3]! })).toEqual([whole[3]])
    expect(await names({ IncludeChildTaskExecution: 'false' })).toEqual(whole.slice(0, 2))
    expect(await names({ Status: 'Failed' })).toEqual([])
    const { ResourceExecutionStatus, NextToken } = await call('ListResourceExecutionStatus', {
      ExecutionId,
      MaxResults: 2,
    })
    expect(ResourceExecutionStatus).toHaveLength(2)
    const rest = await call('ListResourceExecutionStatus', { ExecutionId, NextToken })
    expect([...ResourceExecutionStatus, ...rest.ResourceExecutionStatus].map((one) => one.Status)).toEqual(
      Array.from({ length: 3 }, () => 'Success'),
    )
  })

  test('return every line of the log once, whatever the page size', async () => {
    const { ExecutionId } = await start({ rateControl: { Mode: 'Concurrency', Concurrency: 10, MaxErrors: 0 } })
    const work = (await oos.plane.takeWork(ids, 3)).toSorted((a, b) => (a.invocationId < b.invocationId ? -1 : 1))
    for (const one of work) {
      const pieces = Array.from({ length: 23 }, (_, piece) => ({
        kind: 'output' as const,
        instanceId: one.instanceId,
        invocationId: one.invocationId as InvocationId,
        stream: piece % 3 === 0 ? ('stderr' as const) : ('stdout' as const),
        offset: piece * 100,
        at: new Date(1_700_000_000_000 + piece * 1_000),
        data: Buffer.from(`${one.invocationId} ${piece} a\n${one.invocationId} ${piece} b\n`),
      }))
      await applyReports(oos.plane.context, pieces)
    }
    await oos.plane.end(work.slice(0, 2))
    await oos.plane.end(work.slice(2), 'failed')
    await statusOf(ExecutionId, 'Failed')
    const read = async (MaxResults: number, parameters: Readonly<Record<string, string>> = {}) => {
      const lines: string[] = []
      let NextToken = ''
      do {
        const page = await call('ListExecutionLogs', { ExecutionId, MaxResults, NextToken, ...parameters })
        expect(page.IsTruncated).toBe(page.NextToken !== '')
        lines.push(...page.ExecutionLogs.map((line: OosAnswer) => `${line.TaskExecutionId} ${line.Message}`))
        NextToken = page.NextToken
      } while (NextToken)
      return lines
    }
    const whole = await read(100)
    expect(whole).toHaveLength(3 * 46 + 3 * 2 + 3)
    expect(new Set(whole).size).toBe(whole.length)
    for (const size of [1, 7, 50]) expect(await read(size)).toEqual(whole)
    expect(whole.at(-1)).toMatch(/-loop The task configurePackage failed: 2 succeeded, 1 failed \(ScriptFailed 1\)$/)
    expect(whole.at(-2)).toMatch(/-3 The task configurePackage failed on i-.*: The script ended with 1\.$/)
    expect(await read(9, { LogType: 'System' })).toHaveLength(9)
    expect(await read(9, { LogType: 'Stderr' })).toHaveLength(3 * 16)
    const [, , task] = await listTasks(ExecutionId)
    const ofTask = await read(10, { TaskExecutionId: task!.TaskExecutionId })
    expect(ofTask).toEqual(whole.filter((line) => line.startsWith(`${task!.TaskExecutionId} `)))
    expect(ofTask).toHaveLength(48)
  })

  test('of missing resources are empty, and tokens of other lists are refused', async () => {
    const nothing = { ExecutionId: 'exec-nothing' }
    expect(await call('ListExecutions', nothing)).toMatchObject({ Executions: [], TotalCount: 0, NextToken: '' })
    expect(await listTasks('exec-nothing')).toEqual([])
    expect(await errorOf('ListExecutionLogs', nothing)).toBe('EntityNotExists.Execution')
    expect(await errorOf('ListResourceExecutionStatus', nothing)).toBe('EntityNotExists.Execution')
    expect(await errorOf('ListTaskExecutions', {})).toBe('MissingParameter')
    const { ExecutionId } = await start()
    await start()
    const { NextToken } = await call('ListExecutions', { MaxResults: 1 })
    expect(await errorOf('ListExecutions', { NextToken, SortField: 'Status' })).toBe('InvalidParameter')
    expect(await errorOf('ListTaskExecutions', { ExecutionId, NextToken })).toBe('InvalidParameter')
    expect(await errorOf('ListExecutionLogs', { ExecutionId, NextToken })).toBe('InvalidParameter')
    expect(await errorOf('ListExecutions', { NextToken: 'x' })).toBe('InvalidParameter')
    for (const MaxResults of ['0', '101', 'ten'])
      expect(await errorOf('ListExecutions', { MaxResults })).toBe('InvalidParameter')
  })
})
