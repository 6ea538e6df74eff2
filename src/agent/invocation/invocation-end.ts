import { existsSync, readdirSync, rmdirSync, rmSync, unlinkSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { InvocationOutcome } from '../../core/execution/invocation.ts'
import type { InstallDecision, InstalledChange } from '../../core/install/install-plan.ts'
import { wholeCharacters } from '../../lib/cut-text.ts'
import { sha256Of } from '../../lib/digest.ts'
import type { InstallationMessage, InvocationMessage, ReportEntry } from '../../protocol/agent-messages.ts'
import type { InvocationOutput } from '../script/invocation-output.ts'
import { isScriptName } from '../script/script-run.ts'
import type { JournalEntry, JournalledStep } from '../state/journal.ts'
import { persist } from '../state/persist.ts'
import type { ReportLog } from '../state/report-log.ts'
import type { Engine } from './engine.ts'
import { findScriptRange } from './find-script-range.ts'
import { sendOutcome } from './send-outcome.ts'
import { workspacesOf } from './step-preparation.ts'

/** What ending an invocation needs from its run. */
export interface EndingRun {
  readonly engine: Engine
  readonly invocation: InvocationMessage
  readonly entry: JournalEntry
  readonly output: InvocationOutput
  readonly reports: { readonly log: ReportLog; now(): number }
  readonly previous: InstallationMessage | undefined
  /** Whether `previous` was installed from signed bytes. */
  readonly isPreviousChecked: boolean
  outputDirectoryOf(step: JournalledStep): string | undefined
  /** Adds work that must finish before the journal may forget the invocation. */
  addPending(work: () => Promise<void>): void
}

type Ended = Extract<InstallDecision, { kind: 'end' }>
type WireOutcome = Extract<ReportEntry, { kind: 'end' }>['outcome']

const maxOutputLength = 8_192
/** Delay between attempts to write. */
const retryMs = 5_000

/**
 * Ends an invocation: journals the end, updates the installed record, removes the workspace, and
 * then reports the end. Without a decision, the end was journalled before, and this repeats the
 * rest.
 */
export async function endInvocation(run: EndingRun, decision?: Ended): Promise<void> {
  const { engine, entry, invocation } = run
  if (decision) {
    entry.state.end = await makeEnd(run, decision)
    entry.state.change = decision.change
    await tryToWrite(run, 'the end of an invocation', () => engine.journal.save(invocation.id, entry.state))
    engine.onStep('journalled end')
  }
  await tryToWrite(run, 'what is installed', () => recordChange(run, entry.state.change ?? 'none'))
  engine.onStep('recorded end')
  await clearWorkspace(run)
}

async function makeEnd(run: EndingRun, { outcome, change }: Ended): Promise<Extract<ReportEntry, { kind: 'end' }>> {
  const { invocation, output, reports } = run
  const scriptOutput = await readOutput(run, outcome)
  const sizes = output.end()
  const installed = installedAfter(run, change)
  const wire: WireOutcome = {
    ...sendOutcome(outcome),
    ...(scriptOutput === undefined ? {} : { output: scriptOutput }),
    ...(installed === undefined ? {} : { installed }),
  }
  const scriptRange = findScriptRange(run.entry.state.steps)
  return {
    kind: 'end',
    invocationId: invocation.id,
    at: reports.now(),
    outcome: wire,
    ...sizes,
    ...(scriptRange === undefined ? {} : { scriptRange }),
    ...subjectOf(run),
  }
}

/** Names the extension, in case the server does not know the invocation any more. */
const subjectOf = ({ invocation: { action, extensionId, extensionName } }: EndingRun) =>
  action === 'run' ? {} : { extension: { id: extensionId, name: extensionName } }

function installedAfter(run: EndingRun, change: InstalledChange): InvocationOutcome['installed'] {
  if (change === 'none') return undefined
  if (change === 'absent') return { status: 'absent' }
  const installation = installationOf(run, change.installation)
  if (!installation) return undefined
  const { version, configuration, parametersDigest, contentDigest } = installation
  return { status: change.status, version, configurationId: configuration.id, parametersDigest, contentDigest }
}

const installationOf = (run: EndingRun, which: 'wanted' | 'previous'): InstallationMessage | undefined =>
  which === 'wanted' ? run.invocation.wanted : run.previous

async function recordChange(run: EndingRun, change: InstalledChange): Promise<void> {
  const { engine, invocation } = run
  const { extensionId, extensionName, executionId } = invocation
  if (change === 'none') return
  if (change === 'absent') return engine.records.remove(extensionId)
  const installation = installationOf(run, change.installation)
  if (!installation) return
  const checked = change.installation === 'wanted' ? run.entry.checked : run.isPreviousChecked
  await engine.records.write({
    extensionId,
    extensionName,
    executionId,
    status: change.status,
    installation,
    ...(checked && { checked }),
    recordedAt: engine.clock.now(),
  })
  if (checked && change.status === 'installed' && installation.signed) {
    const { version, signed } = installation
    await engine.trust.noteInstalled(extensionName, { version, sha256: sha256Of(signed.canonical) })
  }
}

const hasBegun = (result: JournalledStep['result']) => result.status !== 'failed' || result.began

/** Output of the output script or the command, cut to its limit; text must not contain NUL. */
async function readOutput(run: EndingRun, outcome: InvocationOutcome): Promise<string | undefined> {
  const step = run.entry.state.steps.find(({ id }) => id === 'outputWanted' || id === 'runWanted')
  const directory = step && run.outputDirectoryOf(step)
  if (directory === undefined) return undefined
  // The output of a command is its result, whatever its exit code.
  const isAnswer =
    step?.id === 'runWanted' ? hasBegun(step.result) : outcome.state === 'succeeded' && step?.result.status === 'done'
  if (!isAnswer) return undefined
  const sizeBytes = step?.run?.stdoutBytes ?? 0
  return persist(run.engine, run.invocation.id, 'the output of a script', () =>
    readBeginning(join(directory, 'stdout'), sizeBytes),
  )
}

/** As text, cut between characters, with a mark at the cut. */
async function readBeginning(path: string, sizeBytes: number): Promise<string> {
  const file = await open(path)
  try {
    const wanted = Math.min(sizeBytes, maxOutputLength + 1)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(wanted), 0, wanted, 0)
    const bytes = buffer.subarray(0, bytesRead)
    const isCut = sizeBytes > maxOutputLength
    const mark = isCut ? `\n[${sizeBytes} bytes; the rest is in the log]` : ''
    const kept = wholeCharacters(bytes, isCut ? maxOutputLength - mark.length : bytesRead)
    return bytes.toString('utf8', 0, kept).replaceAll('\0', '\ufffd') + mark
  } finally {
    await file.close()
  }
}

/**
 * The outcome is known, and a full disk must not prevent the report. Failed writes are retried in
 * the background.
 */
async function tryToWrite(run: EndingRun, what: string, write: () => Promise<void>): Promise<void> {
  const { engine, invocation } = run
  try {
    await write()
  } catch (error) {
    engine.log.error(`${what} cannot be written; retrying until it succeeds`, {
      invocationId: invocation.id,
      error: String(error),
    })
    run.addPending(async () => {
      while (!engine.closing.aborted) {
        await engine.clock.wait(retryMs, engine.closing)
        try {
          return await write()
        } catch {
          // Logged once above; the loop retries.
        }
      }
    })
  }
}

async function clearWorkspace({ engine, invocation, entry, previous }: EndingRun): Promise<void> {
  const keeps = (invocation.wanted ?? previous)?.configuration.run.keepWorkspace === 'onFailure'
  const workspaces = workspacesOf(engine, invocation.id)
  if (keeps && entry.state.end?.outcome.state !== 'succeeded') return removeScripts(workspaces)
  if (removeIfBare(workspaces)) return
  try {
    await engine.platform.removeTree(workspaces)
  } catch (error) {
    // The outcome does not depend on it.
    engine.log.warn('a workspace could not be removed', { workspaces, error: String(error) })
  }
}

/** Keeps the files of the scripts; the script files themselves belong to the agent. */
function removeScripts(directory: string): void {
  if (!existsSync(directory)) return
  for (const workspace of readdirSync(directory))
    for (const file of readdirSync(join(directory, workspace)))
      if (isScriptName(file)) rmSync(join(directory, workspace, file), { force: true })
}

/** Up to this number of files, removing a workspace directly is cheaper. */
const fewFiles = 16

/**
 * Most workspaces contain only the script: removing it takes a few calls, where a walk takes many.
 * A workspace may belong to another user, but its parent is the agent's: no path component can be
 * redirected.
 */
function removeIfBare(directory: string): boolean {
  try {
    for (const workspace of readdirSync(directory)) {
      const path = join(directory, workspace)
      const files = readdirSync(path)
      if (files.length > fewFiles) return false
      for (const file of files) unlinkSync(join(path, file))
      rmdirSync(path)
    }
    rmdirSync(directory)
    return true
  } catch {
    // Missing or unexpected: the walk handles it.
    return false
  }
}
