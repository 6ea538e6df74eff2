import { closeSync, constants, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installStepIds } from '../../core/install/install-step-ids.ts'
import type { ScriptOfVersion } from '../../core/install/step-reason.ts'
import { makeReason } from '../../core/reason/reason.ts'
import type { Engine } from '../invocation/engine.ts'
import { StepError } from '../invocation/step-error.ts'
import { type OsUser, type Platform, type ScriptEnding, scriptEndings } from '../platform/platform.ts'
import { endScriptTree, type ScriptEnd, superviseScript } from './script-process.ts'
import { restoreWorkspace } from './workspace.ts'

export type StopReason = 'timedOut' | 'cancelled'

/** A script that is ready to start, in a directory of its own. */
export interface PreparedScript {
  readonly directory: string
  readonly argv: readonly string[]
  readonly isVerbatim?: boolean | undefined
  readonly environment: Readonly<Record<string, string>>
  readonly workDir: string
  readonly user: OsUser | undefined
}

export interface ScriptSource {
  /** Its runtime files; created if missing. */
  readonly directory: string
  readonly text: string
  /** The workspace: the script is stored there, beside the files of its artifact. */
  readonly workspace: string
  /** Path of the script file. */
  readonly name: string
  readonly environment: Readonly<Record<string, string>>
  readonly workDir: string
  readonly user: OsUser | undefined
  /** For messages. */
  readonly subject: ScriptOfVersion
}

/** Writes the script and finds its interpreter. Throws a StepError (InterpreterMissing). */
export async function prepareScript(
  { platform, stateDirectory }: Engine,
  source: ScriptSource,
): Promise<PreparedScript> {
  const { directory, text, environment, user } = source
  await restoreWorkspace(platform, source.workspace, user)
  const path = writeScript(platform, source)
  const interpreter = platform.findInterpreter(text, path, environment['PATH'] ?? '')
  if ('missing' in interpreter) throw missingInterpreter(source.subject, interpreter.missing)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  await platform.prepareSupervised(directory, user, stateDirectory)
  return {
    directory,
    argv: interpreter.argv,
    isVerbatim: interpreter.isVerbatim,
    environment,
    workDir: source.workDir,
    user,
  }
}

/** A command of the agent's own program, with its own user. */
export async function prepareCommand(
  { platform, stateDirectory }: Engine,
  {
    directory,
    argv,
    workspace,
    environment,
  }: Pick<ScriptSource, 'directory' | 'workspace' | 'environment'> & { readonly argv: readonly string[] },
): Promise<PreparedScript> {
  await restoreWorkspace(platform, workspace, undefined)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  await platform.prepareSupervised(directory, undefined, stateDirectory)
  return { directory, argv, environment, workDir: workspace, user: undefined }
}

/**
 * An archive may contain this name, and a process that an earlier script left may create a link
 * there.
 */
const maxNames = 16

const nameOf = (step: string, count: number, ending: ScriptEnding) =>
  `.${step}${count === 1 ? '' : `-${count}`}${ending}`

/** Whether `prepareScript` may have created this file of a workspace. */
export const isScriptName = (name: string): boolean =>
  /^\.[A-Za-z]+(?:-[0-9]+)?\.[a-z0-9]+$/.test(name) &&
  scriptEndings.some(
    (ending) =>
      name.endsWith(ending) &&
      installStepIds.some((id) => name.startsWith(`.${id}-`) || name === nameOf(id, 1, ending)),
  )

/**
 * Always a new file, whose owner changes through its descriptor: the workspace may belong to
 * another user.
 */
function writeScript(platform: Platform, { workspace, name, text, user }: ScriptSource): string {
  const { ending, content } = platform.encodeScript(text)
  // Windows has no O_NOFOLLOW; O_EXCL alone follows no link there, either.
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0)
  for (let count = 1; ; count++) {
    const path = join(workspace, nameOf(name, count, ending))
    let file: number
    try {
      file = openSync(path, flags, 0o600)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || count === maxNames) throw error
      continue
    }
    try {
      writeFileSync(file, content)
      if (user) platform.giveFile(file, user)
    } finally {
      closeSync(file)
    }
    return path
  }
}

export const missingInterpreter = (subject: ScriptOfVersion, interpreter: string) =>
  new StepError('InterpreterMissing', makeReason('InterpreterMissing', { ...subject, interpreter }))

/**
 * Starts it once: the caller has journalled the start. Throws if the system cannot start another
 * process.
 */
export function startScript({ platform }: Engine, script: PreparedScript) {
  return platform.startSupervised(script)
}

export interface ScriptWatch {
  readonly directory: string
  readonly child?: ReturnType<typeof startScript> | undefined
  readonly onOutput: () => void
  /** Timeout of the script in milliseconds, from now. */
  readonly leftMs: number
  /** Aborted when the invocation is cancelled. */
  readonly cancelled: AbortSignal
  /** A stop that an earlier agent process started. */
  readonly stopping?: StopReason | undefined
  /** Journals the stop before the script is ended. */
  readonly onStop: (reason: StopReason) => Promise<void>
}

/** How long the supervisor of an ended script may take to report. */
const lastWordMs = 2_000

/**
 * Watches a started script to its end, and ends its process tree when it times out or is cancelled.
 */
export async function watchScript(
  engine: Engine,
  watch: ScriptWatch,
): Promise<{ end: ScriptEnd; stopped: StopReason | undefined }> {
  const { platform, clock, closing, log } = engine
  const { directory, child, onOutput } = watch
  const abandoned = new AbortController()
  const signal = AbortSignal.any([closing, abandoned.signal])
  let isInTrouble = false
  const onTrouble = (error: unknown) => {
    if (!isInTrouble) log.warn('cannot read the state of a script; retrying', { directory, error: String(error) })
    isInTrouble = true
  }
  const ended = superviseScript({ platform, clock, directory, child, onOutput, onTrouble, signal })
  const stop = awaitStop(engine, watch)
  try {
    const first = await Promise.race([ended, stop.reason])
    if (typeof first === 'object') return { end: first, stopped: undefined }
    await watch.onStop(first)
    let found = await inspectPatiently(engine, directory)
    // A supervisor that has not come to its claim must not start the script after the report.
    if (found.state === 'unclaimed' && !platform.preventSupervised(directory, false))
      found = await inspectPatiently(engine, directory)
    if (found.state === 'running') await endScriptTree({ ...engine, supervisorPid: found.pid, signal: closing })
    closing.throwIfAborted()
    const timer = clock.setTimeout(() => abandoned.abort(new Error('the supervisor is silent')), lastWordMs)
    const end = await ended.catch((error: unknown) => {
      closing.throwIfAborted()
      if (!abandoned.signal.aborted) throw error
      return { kind: 'gone' } as const
    })
    timer.cancel()
    return { end, stopped: first }
  } finally {
    stop.cancel()
    abandoned.abort(new Error('over'))
    ended.catch(() => undefined)
  }
}

/** To end a script the agent must find it, however long the system refuses to locate it. */
async function inspectPatiently({ platform, clock, closing }: Engine, directory: string) {
  for (;;) {
    try {
      return platform.inspectSupervised(directory)
    } catch (error) {
      if (closing.aborted) throw error
      await clock.wait(lastWordMs, closing)
    }
  }
}

/** Settles with the first reason to stop the script, if any. */
function awaitStop({ clock }: Engine, { leftMs, cancelled, stopping }: ScriptWatch) {
  let timer: { cancel(): void } | undefined
  let onCancel = () => {}
  const reason = new Promise<StopReason>((resolve) => {
    if (stopping) return resolve(stopping)
    onCancel = () => resolve('cancelled')
    if (cancelled.aborted) return onCancel()
    cancelled.addEventListener('abort', onCancel)
    timer = clock.setTimeout(() => resolve('timedOut'), leftMs)
  })
  return {
    reason,
    cancel() {
      timer?.cancel()
      cancelled.removeEventListener('abort', onCancel)
    },
  }
}
