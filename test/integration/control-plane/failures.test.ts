import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient } from '../../../src/client/client.ts'
import type { ExecutionId, InstanceId, InvocationId } from '../../../src/core/id.ts'
import { applyReports } from '../../../src/server/app/agent/apply-reports.ts'
import type { Report } from '../../../src/server/app/agent/report.ts'
import { controlTasks } from '../../../src/server/app/execution/control-tasks.ts'
import { admin, startTestApi, type TestApi } from '../registry/test-api.ts'
import { actor, type ControlPlane, makeEnd, startControlPlane } from './control-plane.ts'

let plane: ControlPlane
let api: TestApi
let client: ReturnType<typeof createClient>
let ids: InstanceId[]
let id: ExecutionId
let work: Awaited<ReturnType<ControlPlane['takeWork']>>

const lock = (pid: number) =>
  `Reading package lists...\nE: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process ${pid} (apt-get)\n`

/**
 * Seven instances: three report that the lock is held, two print something else on stdout, one
 * prints nothing, one succeeds.
 */
beforeAll(async () => {
  plane = await startControlPlane()
  api = await startTestApi(plane.db.database)
  client = createClient({ server: api.url, accessKeyId: admin.id, accessKeySecret: admin.secret })
  await plane.makeExtension('demo')
  ids = await plane.enrol(7)
  id = await plane.start({ extension: 'demo', rateControl: { maxErrors: 100 } })
  work = (await plane.takeWork(ids, 7)).toSorted((a, b) => a.invocationId.localeCompare(b.invocationId))
  for (const n of [0, 1, 2]) {
    await applyReports(plane.context, [...print(n, 'Installing…\n', 'stdout'), ...print(n, lock(1_000 + n), 'stderr')])
    await fail(n, 100)
  }
  // The last output arrives with the end, in many chunks.
  for (const n of [3, 4]) {
    const pieces = ['checking\n', 'port 80', `${n} is `, 'in use\n']
    let offset = 0
    for (const piece of pieces) {
      await applyReports(plane.context, print(n, piece, 'stdout', offset))
      offset += piece.length
    }
    await fail(n, 3)
  }
  await fail(5, 3)
  await plane.end([work[6]!])
  await plane.untilStatus(id, 'Success')
})
afterAll(async () => {
  await api.close()
  await plane.stop()
})

function print(n: number, text: string, stream: 'stdout' | 'stderr', offset = 0): Report[] {
  const { instanceId, invocationId } = work[n]!
  return [
    {
      kind: 'output',
      instanceId,
      invocationId: invocationId as InvocationId,
      stream,
      offset,
      at: new Date(offset),
      data: Buffer.from(text),
    },
  ]
}
async function fail(n: number, exitCode: number) {
  const { instanceId, invocationId } = work[n]!
  const end = makeEnd(instanceId, invocationId, 'failed')
  if (end.kind !== 'end') throw new Error('makeEnd makes ends')
  await applyReports(plane.context, [{ ...end, outcome: { ...end.outcome, exitCode } }])
}
const instanceOf = (n: number) => work[n]!.instanceId as string

describe('groups', () => {
  test('failures that differ only in numbers are one group; the largest first, with samples and a suggested fix', async () => {
    const { groups, isComplete } = await client.executions.listFailures(id)
    expect(isComplete).toBe(true)
    expect(groups.map(({ count, exitCode, lines }) => [count, exitCode, lines])).toEqual([
      [
        3,
        100,
        [
          'Reading package lists...',
          'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process <n> (apt-get)',
        ],
      ],
      [2, 3, ['checking', 'port <n> is in use']],
      [1, 3, []],
    ])
    expect(groups[0]).toMatchObject({ reasonCode: 'ScriptFailed', hint: { code: 'PackageLock' } })
    expect(groups[0]?.samples.map(({ instanceId }) => instanceId).toSorted()).toEqual(
      [0, 1, 2].map(instanceOf).toSorted(),
    )
    expect(groups[2]).toMatchObject({ key: 'ScriptFailed:3', samples: [{ reason: 'The script ended with 1.' }] })
  })

  test('of an execution that does not exist', async () => {
    await expect(client.executions.listFailures('exec-none')).rejects.toMatchObject({ code: 'ExecutionNotFound' })
  })

  test('the tasks of one, and a retry of only those', async () => {
    const { groups } = await client.executions.listFailures(id)
    const key = groups[1]!.key
    const { items } = await client.executions.listTasks(id, { failure: key })
    expect(items.map(({ instanceId }) => instanceId).toSorted()).toEqual([3, 4].map(instanceOf).toSorted())
    const retryOf = async (body: Parameters<typeof client.executions.retry>[1]) => {
      const retry = await client.executions.retry(id, body)
      // The API of this test has no dispatcher of its own.
      plane.context.poke([retry.id as ExecutionId])
      return retry
    }
    const retry = await retryOf({ failure: key })
    expect(retry).toMatchObject({ retryOf: id, taskCount: 2 })
    await plane.end(await plane.takeWork(ids, 2))
    await plane.untilStatus(retry.id as ExecutionId, 'Success')
    const silent = await retryOf({ failure: 'ScriptFailed:3' })
    expect(silent.taskCount).toBe(1)
    await plane.end(await plane.takeWork(ids, 1))
    const named = await retryOf({ instanceIds: [instanceOf(0), instanceOf(6)] })
    expect(named.targets).toEqual({ kind: 'ids', ids: [instanceOf(0)] })
    await plane.end(await plane.takeWork(ids, 1))
    await expect(client.executions.retry(id, { instanceIds: [instanceOf(6)] })).rejects.toMatchObject({
      code: 'ExecutionNothingToRetry',
    })
    const request = { instanceIds: [instanceOf(0), 'i-nope', 'i-none'] }
    const unknown = { code: 'TaskNotFound', message: expect.stringContaining('no task i-nope, i-none') }
    await expect(client.executions.retry(id, request)).rejects.toMatchObject(unknown)
    await expect(client.executions.planRetry(id, request)).rejects.toMatchObject(unknown)
    await expect(client.executions.retry(id, { failure: 'a b' })).rejects.toMatchObject({ code: 'RequestInvalid' })
  })

  test('a retried task is in no group until it fails again', async () => {
    const [instance] = await plane.enrol(1, { tags: { only: 'one' } })
    const paused = await plane.start({
      extension: 'demo',
      mode: 'FailurePause',
      targets: { kind: 'ids', ids: [instance as string] },
    })
    for (const text of ['first problem\n', 'second problem\n']) {
      const [taken] = await plane.takeWork([instance!], 1)
      work.push(taken!)
      await applyReports(plane.context, print(work.length - 1, text, 'stderr'))
      await fail(work.length - 1, 1)
      await plane.untilStatus(paused, 'Waiting')
      const { groups } = await client.executions.listFailures(paused)
      expect(groups.map(({ lines }) => lines)).toEqual([[text.trim()]])
      await controlTasks(plane.context, actor, paused, { instanceIds: [instance!] }, 'retryTask')
      expect((await client.executions.listFailures(paused)).groups).toEqual([])
    }
  })
})

describe('tasks', () => {
  const instances = async (query: Parameters<typeof client.executions.listTasks>[1]) =>
    (await client.executions.listTasks(id, query)).items.map(({ instanceId }) => instanceId)

  test('by several statuses, reason, batch and free text', async () => {
    expect(await instances({ status: ['Success', 'Cancelled'] })).toEqual([instanceOf(6)])
    expect(await instances({ status: 'Failed' })).toHaveLength(6)
    expect(await instances({ reasonCode: 'ScriptFailed', batch: 1 })).toHaveLength(6)
    expect(await instances({ batch: 2 })).toEqual([])
    expect(await instances({ search: 'HOST-0000' })).toHaveLength(7)
    expect(await instances({ search: instanceOf(2).slice(3) })).toEqual([instanceOf(2)])
    expect(await instances({ search: 'Installed.' })).toEqual([instanceOf(6)])
    expect(await instances({ search: '%' })).toEqual([])
    expect((await api.call('GET', `/api/v1/executions/${id}/tasks?status=Failed,Asleep`)).status).toBe(400)
  })

  test.each(['ordinal', '-ordinal', 'ended', '-ended', 'duration', '-duration'] as const)(
    'sort=%s, two at a time: every one once',
    async (sort) => {
      await plane.db.pool.query(
        `update task_executions set started_at = ended_at - ordinal % 3 * interval '1.0005 seconds' where execution_id = $1`,
        [id],
      )
      const seen: { ordinal: number; endedAt?: string | undefined; startedAt?: string | undefined }[] = []
      let nextToken: string | undefined
      do {
        const page = await client.executions.listTasks(id, { sort, maxResults: 2, nextToken })
        seen.push(...page.items)
        nextToken = page.nextToken
      } while (nextToken !== undefined)
      expect(seen.map(({ ordinal }) => ordinal).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7])
      const keyOf = (task: (typeof seen)[number]) => {
        const [from, to] = [Date.parse(task.startedAt!), Date.parse(task.endedAt!)]
        return sort.endsWith('ordinal') ? task.ordinal : sort.endsWith('ended') ? to : to - from
      }
      const keys = seen.map(keyOf)
      const rising = keys.toSorted((a, b) => a - b)
      expect(keys).toEqual(sort.startsWith('-') ? rising.toReversed() : rising)
    },
  )
})

test('progress: ended and remaining tasks, the estimated end, and the executions it waits for', async () => {
  expect(await client.executions.getProgress(id)).toEqual({
    elapsedMs: expect.any(Number),
    done: 7,
    left: 0,
    errors: { count: 6, max: 100 },
    waitsFor: [],
  })
  const more = await plane.enrol(6, { tags: { pace: 'yes' } })
  const targets = { kind: 'tags', tags: { pace: 'yes' } } as const
  const going = await plane.start({ extension: 'demo', targets })
  const taken = await plane.takeWork(more, 6)
  const held = await plane.start({ extension: 'demo', targets, parameters: { port: 1 } })
  await plane.untilStatus(held, 'Queued')
  const waiting = await client.executions.getProgress(held)
  expect(waiting).toMatchObject({ done: 0, left: 6, waitsFor: [{ executionId: going, count: 6 }] })
  expect(waiting.expectedEndAt).toBeUndefined()

  expect((await client.executions.getProgress(going)).expectedEndAt).toBeUndefined()
  await plane.end(taken.slice(0, 4))
  const progress = await client.executions.getProgress(going)
  expect(progress).toMatchObject({ done: 4, left: 2, errors: { count: 0 } })
  expect(progress.expectedEndAt).toBeDefined()
})

describe('output of a task', () => {
  test('search finds lines across chunk boundaries, in any case, with their offsets', async () => {
    const { matches, isComplete } = await client.executions.searchOutput(id, instanceOf(3), { text: 'PORT 803 IS' })
    expect(isComplete).toBe(true)
    expect(matches).toEqual([
      { attempt: 1, stream: 'stdout', offset: 9, at: expect.any(String), line: 'port 803 is in use' },
    ])
    const both = await client.executions.searchOutput(id, instanceOf(0), { text: 'in' })
    expect(both.matches.map(({ stream }) => stream).toSorted()).toEqual(['stderr', 'stdout'])
    const one = await client.executions.searchOutput(id, instanceOf(0), { text: 'in', stream: 'stderr' })
    expect(one.matches.map(({ stream }) => stream)).toEqual(['stderr'])
  })

  test('search returns the first 500 of many matches; a line without an end is one, too', async () => {
    const [instance] = await plane.enrol(1)
    const long = await plane.start({ extension: 'demo', targets: { kind: 'ids', ids: [instance as string] } })
    work.push((await plane.takeWork([instance!], 1))[0]!)
    const n = work.length - 1
    const text = `${'x'.repeat(70_000)}needle\n${'a needle\n'.repeat(600)}`
    for (let from = 0; from < text.length; from += 60_000)
      await applyReports(plane.context, print(n, text.slice(from, from + 60_000), 'stdout', from))
    const found = await client.executions.searchOutput(long, instance as string, { text: 'needle' })
    expect([found.matches.length, found.isComplete]).toEqual([500, false])
    expect(found.matches[0]?.line.length).toBeLessThanOrEqual(1_000)
    expect(found.matches[1]?.line).toBe('a needle')
    expect(await (await client.executions.openOutput(long, instance as string)).text()).toBe(text)
  })

  test('is downloaded byte for byte, one stream or both, one attempt or all', async () => {
    const response = await client.executions.openOutput(id, instanceOf(0), { stream: 'stderr', attempt: 1 })
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(response.headers.get('content-disposition')).toContain(`${instanceOf(0)}-1-stderr.txt`)
    expect(await response.text()).toBe(lock(1_000))
    const both = await (await client.executions.openOutput(id, instanceOf(0))).text()
    expect(both).toHaveLength(`Installing…\n${lock(1_000)}`.length)
    expect(await (await client.executions.openOutput(id, instanceOf(5))).text()).toBe('')
  })

  test.each([
    [{ attempt: 9 }, 'TaskNotFound'],
    [{ attempt: 0 }, 'RequestInvalid'],
  ])('refused: %j', async (query, code) => {
    await expect(client.executions.openOutput(id, instanceOf(0), query)).rejects.toMatchObject({ code })
    await expect(client.executions.openOutput(id, 'i-none')).rejects.toMatchObject({ code: 'TaskNotFound' })
  })
})
