import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ExecutionId, InstanceId, InvocationId } from '../../../src/core/id.ts'
import { applyReports } from '../../../src/server/app/agent/apply-reports.ts'
import type { Report } from '../../../src/server/app/agent/report.ts'
import { type OutputRow, readNewOutput, readOutput } from '../../../src/server/app/execution/read-executions.ts'
import type { OutputRowPlace } from '../../../src/store/report/output-chunks.ts'
import { actor, type ControlPlane, startControlPlane } from './control-plane.ts'

let plane: ControlPlane
let id: ExecutionId
let work: readonly { readonly instanceId: InstanceId; readonly invocationId: string }[]
beforeEach(async () => {
  plane = await startControlPlane()
  await plane.makeExtension('demo')
  const ids = await plane.enrol(3)
  id = await plane.start({ extension: 'demo' })
  work = (await plane.takeWork(ids, 3)).toSorted((a, b) => a.invocationId.localeCompare(b.invocationId))
})
afterEach(() => plane.stop())

function print(
  task: number,
  text: string,
  { offset = 0, at = 0, stream = 'stdout' as 'stdout' | 'stderr' } = {},
): Report {
  const { instanceId, invocationId } = work[task - 1]!
  return {
    kind: 'output',
    instanceId,
    invocationId: invocationId as InvocationId,
    stream,
    offset,
    at: new Date(at),
    data: Buffer.from(text),
  }
}
const say = (...reports: Report[]) => applyReports(plane.context, reports)
const textOf = (rows: readonly OutputRow[]) => rows.map(({ data }) => String(data))

describe('a follower', () => {
  const seen = new Map<string, number>()
  beforeEach(() => seen.clear())
  async function look(endedWithinMs?: number, instanceId?: string): Promise<string[]> {
    const texts: string[] = []
    for await (const rows of readNewOutput(plane.context, id, { instanceId, seen, endedWithinMs }))
      texts.push(...textOf(rows))
    return texts
  }
  const endedAgo = (task: number, time: string) =>
    plane.db.pool.query("update invocations set state = 'failed', ended_at = now() - $1::interval where ordinal = $2", [
      time,
      task,
    ])

  test('gets all output once, and then the new output', async () => {
    await say(print(1, 'a', { at: 2 }), print(2, 'b', { at: 1 }))
    expect(await look()).toEqual(['a', 'b'].toSorted().reverse())
    expect(await look(30_000)).toEqual([])
    await say(print(2, 'c', { offset: 1, at: 3 }), print(3, 'd', { stream: 'stderr', at: 4 }))
    expect(await look(30_000)).toEqual(['c', 'd'])
    expect(await look(30_000)).toEqual([])
  })

  test('of one instance gets only its output', async () => {
    await say(print(1, 'a'), print(2, 'b'))
    expect(await look(undefined, work[1]!.instanceId)).toEqual(['b'])
  })

  test('never gets a stream out of order, whatever the clock of its instance does', async () => {
    await say(print(1, 'first', { at: 9 }), print(1, 'second', { offset: 5, at: 1 }))
    expect(await look()).toEqual(['first', 'second'])
  })

  test('finds tasks that ended since its last read, and does not read older ended ones again', async () => {
    await say(print(1, 'a'), print(2, 'b'))
    await look()
    await say(print(1, 'last word', { offset: 1 }), print(2, 'too late', { offset: 1 }))
    await endedAgo(1, '1 minute')
    await endedAgo(2, '1 hour')
    expect(await look(120_000)).toEqual(['last word'])
    expect([...seen.keys()]).toEqual([`${work[0]!.invocationId} 1`])
  })
})

test('pages of output neither overlap nor omit any, in the order of tasks and times', async () => {
  await say(
    print(2, 'e', { at: 1 }),
    print(1, 'a', { at: 1 }),
    print(1, 'b', { at: 1, stream: 'stderr' }),
    print(1, 'd', { at: 3, offset: 1 }),
    print(1, 'c', { at: 2, offset: 2 }),
    print(3, 'f', { at: 0 }),
  )
  const read: string[] = []
  for (let after: OutputRowPlace | undefined; ; ) {
    const [row] = await readOutput(plane.context, actor, id, { after, limit: 1 })
    if (!row) break
    read.push(String(row.data))
    after = row
  }
  expect(read).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  const stderr = await readOutput(plane.context, actor, id, { stream: 'stderr', limit: 9 })
  expect(textOf(stderr)).toEqual(['b'])
})
