import { expect, vi } from 'vitest'
import type { Client } from '../../src/client/client.ts'
import { itemsOf } from '../../src/client/pages.ts'
import { isEnded } from '../../src/core/execution/execution.ts'
import type { ExecutionView, OutputChunk } from '../../src/protocol/api/executions.ts'
import { type LedgerRun, printedBy } from './ledger.ts'

/** Long enough for takeover (about 7 s), agents in backoff, and a busy machine. */
const patience = { timeout: 110_000, interval: 50 }

/** Waits until the execution ends by itself. The server may be unavailable for a while. */
const untilEnded = (client: Client, executionId: string): Promise<ExecutionView> =>
  vi.waitFor(async () => {
    const execution = await client.executions.get(executionId)
    expect(isEnded(execution.status), `${execution.status}: ${execution.reason}`).toBe(true)
    return execution
  }, patience)

/** How a script ended that was killed together with its watchers; its ledger has no end. */
export interface KilledScript {
  readonly instanceId: string
  readonly reasonCodes: readonly string[]
}

/**
 * Waits for the end, then compares all results of the API with the ledgers: result, every target's
 * status and exit code, output, installed state, and the counters.
 */
export async function expectTruth(client: Client, run: LedgerRun, killed?: KilledScript): Promise<void> {
  const execution = await untilEnded(client, run.executionId)
  const tasks: Awaited<ReturnType<typeof readTarget>>[] = []
  for (const id of run.instanceIds) tasks.push(await readTarget(client, run, id))
  expect(tasks).toEqual(
    run.instanceIds.map((id) => (id === killed?.instanceId ? expectKilled(run, killed) : expectTarget(run, id))),
  )
  const failed = tasks.filter(({ status }) => status !== 'Success').length
  const isAccepted = failed <= execution.rateControl.maxErrors && failed < tasks.length
  expect(execution.status).toBe(failed === 0 || isAccepted ? 'Success' : 'Failed')
  await expectCountersAgree(client, execution)
}

async function readTarget(client: Client, run: LedgerRun, instanceId: string) {
  const { executionId, extension } = run
  const task = await client.executions.getTask(executionId, instanceId)
  const instance = await client.instances.get(instanceId)
  const chunks: OutputChunk[] = []
  for await (const chunk of itemsOf((page) => client.executions.listOutput(executionId, { ...page, instanceId })))
    chunks.push(chunk)
  return {
    instanceId,
    starts: run.ledgerOf(instanceId).filter(({ word }) => word === 'start').length,
    status: task.status,
    reasonCode: task.reasonCode,
    exitCode: task.exitCode,
    invocations: task.invocations.map(({ state }) => state),
    stdout: join(chunks, 'stdout'),
    stderr: join(chunks, 'stderr'),
    installed: instance.installed.some((one) => one.extension === extension),
    broken: instance.broken.some((one) => one.extension === extension),
  }
}

/** The bytes of a stream; a gap or an overlap is replaced by a text with its offset. */
function join(chunks: readonly OutputChunk[], stream: OutputChunk['stream']): string {
  let text = ''
  let next = 0
  for (const { offset, data } of chunks.filter((chunk) => chunk.stream === stream)) {
    if (offset !== next) text += `[byte ${offset} after byte ${next}]`
    const bytes = Buffer.from(data, 'base64')
    text += bytes.toString('utf8')
    next = offset + bytes.length
  }
  return text
}

function expectTarget(run: LedgerRun, instanceId: string) {
  const ends = run.ledgerOf(instanceId).filter(({ word }) => word === 'end')
  const exitCode = ends[0]?.numbers[0]
  const succeeded = exitCode === 0
  return {
    instanceId,
    starts: 1,
    status: succeeded ? 'Success' : 'Failed',
    reasonCode: succeeded ? 'Succeeded' : 'ScriptFailed',
    exitCode,
    invocations: [succeeded ? 'succeeded' : 'failed'],
    stdout: printedBy(run, instanceId, 'line'),
    stderr: printedBy(run, instanceId, 'error'),
    installed: succeeded,
    broken: !succeeded,
  }
}

function expectKilled(run: LedgerRun, { instanceId, reasonCodes }: KilledScript) {
  const halfOf = (word: 'line' | 'error') =>
    printedBy(run, instanceId, word)
      .split('\n')
      .slice(0, run.lines / 2)
      .map((line) => `${line}\n`)
      .join('')
  return {
    instanceId,
    starts: 1,
    status: 'Failed',
    reasonCode: expect.toBeOneOf([...reasonCodes]),
    exitCode: undefined,
    invocations: ['failed'],
    stdout: halfOf('line'),
    stderr: halfOf('error'),
    installed: false,
    broken: true,
  }
}

async function expectCountersAgree(client: Client, execution: ExecutionView): Promise<void> {
  const counts: Record<string, number> = {}
  const reasons: Record<string, number> = {}
  const batches: Record<number, number> = {}
  for await (const task of itemsOf((page) => client.executions.listTasks(execution.id, page))) {
    counts[task.status] = (counts[task.status] ?? 0) + 1
    reasons[`${task.status} ${task.reasonCode}`] = (reasons[`${task.status} ${task.reasonCode}`] ?? 0) + 1
    batches[task.batch] = (batches[task.batch] ?? 0) + 1
  }
  const nonZero = Object.fromEntries(Object.entries(execution.counts).filter(([, count]) => count > 0))
  expect(nonZero).toEqual(counts)
  const said = execution.reasons.filter(({ count }) => count > 0)
  expect(Object.fromEntries(said.map(({ status, reasonCode, count }) => [`${status} ${reasonCode}`, count]))).toEqual(
    reasons,
  )
  const ended = execution.batches.map((batch) => [
    batch.number,
    batch.success + batch.failed + batch.cancelled + batch.skipped,
  ])
  expect(Object.fromEntries(ended)).toEqual(batches)
}

/**
 * Follows the execution live, over every restart; resolves at the end of the stream, with the last
 * change of each task.
 */
export async function watchLive(client: Client, executionId: string): Promise<Record<string, string>> {
  const statuses: Record<string, string> = {}
  for await (const event of client.executions.follow(executionId, { after: 0 })) {
    if (event.kind === 'tasks') for (const task of event.tasks) statuses[task.instanceId] = task.status
  }
  return statuses
}
