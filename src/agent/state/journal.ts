import { closeSync, fdatasync, ftruncateSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { AgentReason } from '../../core/install/agent-reason.ts'
import { type StepResult } from '../../core/install/install-step.ts'
import type { InstallStepId } from '../../core/install/install-step-ids.ts'
import { renderEnglishReason } from '../../core/reason/english-reasons.ts'
import { makeTextReason } from '../../core/reason/reason.ts'
import type { Logger } from '../../lib/logger.ts'
import { syncDirectory } from '../../lib/write-file-durably.ts'
import type { InvocationMessage } from '../../protocol/agent-messages.ts'
import type { StoredJournalState } from '../../protocol/agent-records.ts'
import { acceptedShape, journalStateShape } from '../../protocol/agent-shapes.ts'
import { readShape } from '../../protocol/shape.ts'
import { renameInstallation } from './earlier-names.ts'

/**
 * The state of each invocation, in STATE/invocations/<id>/ (mode 0700):
 *
 * - journal.jsonl: the first line is the invocation as the server sent it; from then on the id
 *   never starts again. Each further line is the complete state, on disk before it takes effect.
 *   The last whole line counts; a line that a crash cut off never took effect.
 * - report.jsonl: the reported entries (report-log.ts)
 * - <n>/: runtime files of the n-th script: claim, exit, notes, stdout, stderr
 *
 * Appending takes one sync (0.15 ms on an idle SSD) where replacing a file takes two and a rename
 * (0.45 ms). Operations that only touch the page cache are synchronous, those that wait for the
 * disk are not: a trip through the thread pool costs more than a write, and synchronous waits made
 * 50 agents in one process queue (7 ms each, 2 ms of it for every fsync under load).
 */
export interface JournalState extends Omit<StoredJournalState, 'steps'> {
  /** In the order of their starts. */
  steps: readonly JournalledStep[]
}

type StoredStep = StoredJournalState['steps'][number]
type StoredResult<Status> = Extract<StoredStep['result'], { status: Status }>
type StoredFailure = StoredResult<'failed'>['failure']

/** A step with its reasons as messages. */
export interface JournalledStep extends Omit<StoredStep, 'result'> {
  readonly result: StoredResult<'begun'> | DoneResult | FailedResult
}
interface DoneResult extends Omit<StoredResult<'done'>, 'said' | 'saidMessages'> {
  readonly said?: AgentReason | undefined
}
interface FailedResult extends Omit<StoredResult<'failed'>, 'failure'> {
  readonly failure: Failure
}
interface Failure extends Omit<StoredFailure, 'reason' | 'reasonMessages'> {
  readonly reason: AgentReason
}

/** Reads what `storeState` and earlier versions write. */
function readState(stored: unknown): JournalState {
  const change = (stored as { readonly change?: unknown } | null)?.change
  const renamed = change === undefined ? stored : { ...(stored as object), change: renameInstallation(change) }
  const { steps, ...state } = readShape(journalStateShape, renamed)
  return { ...state, steps: steps.map(({ result, ...step }) => ({ ...step, result: readResult(result) })) }
}

function readResult(result: StoredStep['result']): JournalledStep['result'] {
  switch (result.status) {
    case 'begun':
      return result
    case 'done': {
      const { said, saidMessages, ...done } = result
      const read = saidMessages ?? (said === undefined ? undefined : makeTextReason(said))
      return read === undefined ? done : { ...done, said: read }
    }
    case 'failed': {
      const { reason, reasonMessages, ...failure } = result.failure
      return { ...result, failure: { ...failure, reason: reasonMessages ?? makeTextReason(reason) } }
    }
  }
}

const storeState = ({ steps, ...state }: JournalState) => ({
  ...state,
  steps: steps.map(({ result, ...step }) => ({
    ...step,
    result: result.status === 'failed' ? { ...result, failure: storeFailure(result.failure) } : storeDone(result),
  })),
})

const storeFailure = ({ reason, ...failure }: Failure) => ({
  ...failure,
  reason: renderEnglishReason(reason),
  reasonMessages: reason,
})

const storeDone = (result: Exclude<JournalledStep['result'], { status: 'failed' }>) =>
  result.status === 'done' && result.said !== undefined
    ? { ...result, said: renderEnglishReason(result.said), saidMessages: result.said }
    : result

const emptyJournalState = (): JournalState => ({ steps: [], cancelled: false })

export interface JournalEntry {
  /** With a trust file: what signed bytes say, not what the server sent. */
  readonly invocation: InvocationMessage
  /** Whether it was checked against a trust file. */
  readonly checked: boolean
  readonly acceptedAt: number
  /** Increases with every invocation, because clocks may be set back. */
  readonly order: number
  readonly state: JournalState
}

export interface Journal {
  directoryOf(invocationId: string): string
  /** Entries in order of acceptance, and ids of unreadable ones. */
  load(): Promise<{ entries: JournalEntry[]; unreadable: string[] }>
  /** On disk when it resolves; leaves nothing behind when it rejects. */
  add(invocation: InvocationMessage, acceptedAt: number, checked?: boolean): Promise<JournalEntry>
  /** On disk when it resolves; without effect when it rejects. */
  save(invocationId: string, state: JournalState): Promise<void>
  /** There will be no further saves before the next start. */
  release(invocationId: string): Promise<void>
}

const flush = promisify(fdatasync)

interface JournalFile {
  readonly file: number
  sizeBytes: number
}

export async function openJournal(directory: string, log: Logger): Promise<Journal> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const files = new Map<string, JournalFile>()
  const saving = new Map<string, Promise<void>>()
  let lastOrder = 0
  const directoryOf = (id: string) => join(directory, id)
  const pathOf = (id: string) => join(directoryOf(id), 'journal.jsonl')

  /**
   * 'nothing': the agent was killed while it wrote the first line, so it had not confirmed the
   * invocation.
   */
  async function loadEntry(id: string): Promise<JournalEntry | 'nothing' | 'unreadable'> {
    try {
      const text = await readFile(pathOf(id), 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return ''
        throw error
      })
      const lines = text.split('\n').slice(0, -1)
      const [first, last] = [lines[0], lines.slice(1).at(-1)]
      if (first === undefined) return 'nothing'
      const accepted = readShape(acceptedShape, JSON.parse(first))
      return {
        ...accepted,
        state: last === undefined ? emptyJournalState() : readState(JSON.parse(last)),
      }
    } catch (error) {
      // Cannot result from a crash. Its id stays known and never starts again.
      log.error('an invocation in the journal cannot be read', { invocationId: id, error: String(error) })
      return 'unreadable'
    }
  }

  /** For appending, after the last whole line. */
  function openFile(id: string): JournalFile {
    const file = openSync(pathOf(id), 'a+', 0o600)
    const text = readFileSync(file)
    const sizeBytes = text.lastIndexOf(10) + 1
    if (sizeBytes < text.length) ftruncateSync(file, sizeBytes)
    const opened = { file, sizeBytes }
    files.set(id, opened)
    return opened
  }

  async function append(id: string, line: Buffer): Promise<void> {
    const opened = files.get(id) ?? openFile(id)
    try {
      writeWhole(opened.file, line)
      await flush(opened.file)
      opened.sizeBytes += line.length
    } catch (error) {
      ftruncateSync(opened.file, opened.sizeBytes)
      throw error
    }
  }

  function close(id: string): void {
    const opened = files.get(id)
    files.delete(id)
    if (opened) closeSync(opened.file)
  }

  return {
    directoryOf,
    async load() {
      const entries: JournalEntry[] = []
      const unreadable: string[] = []
      for (const name of await readdir(directory)) {
        const entry = await loadEntry(name)
        if (entry === 'unreadable') unreadable.push(name)
        else if (entry === 'nothing') await rm(directoryOf(name), { recursive: true })
        else entries.push(entry)
      }
      entries.sort((a, b) => a.order - b.order)
      lastOrder = entries.at(-1)?.order ?? 0
      return { entries, unreadable }
    },
    async add(invocation, acceptedAt, checked = false) {
      const { id } = invocation
      const order = ++lastOrder
      const line = Buffer.from(`${JSON.stringify({ invocation, acceptedAt, order, ...(checked && { checked }) })}\n`)
      mkdirSync(directoryOf(id), { mode: 0o700 })
      try {
        const file = openSync(pathOf(id), 'ax', 0o600)
        files.set(id, { file, sizeBytes: line.length })
        writeWhole(file, line)
        // The two syncs share one commit of the file system.
        const flushed = await Promise.allSettled([
          flush(file),
          syncDirectory(directoryOf(id)),
          syncDirectory(directory),
        ])
        for (const result of flushed) if (result.status === 'rejected') throw result.reason
      } catch (error) {
        close(id)
        rmSync(directoryOf(id), { recursive: true, force: true })
        throw error
      }
      return { invocation, acceptedAt, order, checked, state: emptyJournalState() }
    },
    save(id, state) {
      const line = Buffer.from(`${JSON.stringify(storeState(state))}\n`)
      const saved = (saving.get(id) ?? Promise.resolve()).then(() => append(id, line))
      saving.set(
        id,
        saved.catch(() => undefined),
      )
      return saved
    },
    async release(id) {
      await saving.get(id)
      saving.delete(id)
      close(id)
    },
  }
}

function writeWhole(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
}

/**
 * The results in the form of the decision's input. A workspace is not flushed file by file: one
 * that was prepared before a reboot or a remount may have holes, and is prepared again; but not
 * while a script may run in it.
 */
export function historyOf(
  { steps }: JournalState,
  bootId: string,
  mount: string,
): Partial<Record<InstallStepId, StepResult>> {
  const isAnyOpen = steps.some(({ result }) => result.status === 'begun')
  const isFresh = (step: JournalledStep) => step.bootId === bootId && (isAnyOpen || (step.mount ?? mount) === mount)
  return Object.fromEntries(
    steps
      .filter((step) => isFresh(step) || step.run !== undefined || step.result.status === 'failed')
      .map(({ id, result, bootId: startedIn }) => [id, settleReboot(result, startedIn === bootId)]),
  )
}

/** A requested reboot is due while the machine is in the boot in which the script ran. */
function settleReboot(result: JournalledStep['result'], isSameBoot: boolean): StepResult {
  if (result.status !== 'done') return result as StepResult
  const { reboot, ...done } = result
  if (reboot === undefined) return done
  if (reboot !== 'refused' && !isSameBoot) return { ...done, reboot: 'done' }
  return { ...done, reboot: reboot === 'requested' ? 'due' : reboot }
}
