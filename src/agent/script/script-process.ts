import { type FSWatcher, watch } from 'node:fs'
import type { Clock } from '../../lib/clock.ts'
import type { Platform, ProcessEnd, SupervisedChild } from '../platform/platform.ts'

/**
 * How a supervised script ended. `gone`: its supervisor was killed or the machine failed, so the
 * exit code is unknown. `notBegun`: it never ran and never will.
 */
export type ScriptEnd = ProcessEnd | { readonly kind: 'gone' } | { readonly kind: 'notBegun' }

export interface ScriptSupervision {
  readonly platform: Platform
  readonly clock: Clock
  /** The directory of the script's runtime files. */
  readonly directory: string
  /** If this process started it. */
  readonly child?: SupervisedChild | undefined
  /**
   * Called when there may be new output: within milliseconds of the first bytes, less often as more
   * arrives.
   */
  readonly onOutput: () => void
  /** Called with an error of the system; watching continues. */
  readonly onTrouble: (error: unknown) => void
  /** Stops watching, never the script. */
  readonly signal: AbortSignal
}

/** Polling interval, because a watch may fail (limits of the system, network file systems). */
const lookEveryMs = 1_000
/**
 * Delay between reads of the output: short enough to appear live, long enough for a verbose script.
 */
const shortestPauseMs = 15
const longestPauseMs = 200
/** A claim is one write: a supervisor without a claim after this time was killed before it. */
const startingPatienceMs = 2_000

const maxRefusedLooks = 30

/** Watches a script until its own process has ended. Rejects only with the signal's reason. */
export function superviseScript(supervision: ScriptSupervision): Promise<ScriptEnd> {
  const { platform, clock, directory, child, onOutput, onTrouble, signal } = supervision
  if (signal.aborted) return Promise.reject(signal.reason as Error)
  return new Promise((resolve, reject) => {
    const startedAt = clock.monotonicMs()
    let childExit: { code: number | undefined } | undefined
    let settled = false
    let looking: { cancel(): void } | undefined

    const stop = () => {
      settled = true
      watcher?.close()
      looking?.cancel()
      output.cancel()
      signal.removeEventListener('abort', abort)
    }
    const abort = () => {
      stop()
      reject(signal.reason as Error)
    }
    /**
     * Called by timers and events. An error of the system does not decide about the script:
     * descriptors may be exhausted for a moment, or a disk may recover. The next check follows in a
     * second.
     */
    const guarded = (work: () => void) => () => {
      if (settled) return
      try {
        work()
      } catch (error) {
        onTrouble(error)
      }
    }
    const output = throttle(guarded(onOutput), clock)
    let refusedLooks = 0
    /**
     * A disk that never recovers must not prevent the report of the exit code from the child
     * process.
     */
    const judgeOrGuess = (): ScriptEnd | undefined => {
      try {
        return judge(platform, directory, child, childExit, clock.monotonicMs() - startedAt)
      } catch (error) {
        if (childExit?.code === undefined || ++refusedLooks < maxRefusedLooks) throw error
        return { kind: 'exit', code: childExit.code }
      }
    }
    const look = guarded(() => {
      const end = judgeOrGuess()
      if (!end) return
      stop()
      resolve(end)
    })
    const lookAgain = () => {
      looking = clock.setTimeout(() => {
        output.now()
        look()
        if (!settled) lookAgain()
      }, lookEveryMs)
    }

    signal.addEventListener('abort', abort)
    child?.onExit((code) => {
      childExit = { code }
      look()
    })
    const watcher = watchDirectory(directory, (name) => {
      if (name === 'stdout' || name === 'stderr') output.soon()
      // A child process of this agent reports its own end.
      else if (!child) look()
    })
    lookAgain()
    output.now()
    look()
  })
}

/** Interprets the state of the directory; undefined while the script runs. */
function judge(
  platform: Platform,
  directory: string,
  child: SupervisedChild | undefined,
  childExit: { code: number | undefined } | undefined,
  waitedMs: number,
): ScriptEnd | undefined {
  const found = platform.inspectSupervised(directory)
  switch (found.state) {
    case 'ended':
      return found.end
    case 'running':
      return undefined
    case 'starting':
      // The supervisor writes the claim first: if it has ended without completing it (a full disk),
      // the script never ran.
      if (childExit) return { kind: 'notBegun' }
      return waitedMs <= startingPatienceMs || platform.restoreClaim(directory) ? undefined : { kind: 'gone' }
    case 'gone':
      // A child process reports its code even if the disk was too full to store it.
      return childExit?.code === undefined ? { kind: 'gone' } : { kind: 'exit', code: childExit.code }
    case 'prevented':
      return { kind: 'notBegun' }
    case 'unclaimed':
      // A child process that lives comes to its claim, however busy the machine is.
      return judgeUnclaimed(platform, directory, child ? childExit !== undefined : waitedMs > startingPatienceMs)
  }
}

/** Without a claim, the agent takes it, so that the script certainly never runs. */
function judgeUnclaimed(platform: Platform, directory: string, noOneWill: boolean): ScriptEnd | undefined {
  if (!noOneWill) return undefined
  return platform.preventSupervised(directory, false) ? { kind: 'notBegun' } : undefined
}

function watchDirectory(directory: string, onChange: (name: string) => void): FSWatcher | undefined {
  try {
    const watcher = watch(directory, { persistent: true }, (_, name) => onChange(name ?? ''))
    watcher.on('error', () => watcher.close())
    return watcher
  } catch {
    // Out of watches (ENOSPC, EMFILE): polling every second also works, with more delay.
    return undefined
  }
}

/** Calls immediately, then at growing intervals while there is more. */
function throttle(call: () => void, clock: Clock) {
  let pauseMs = shortestPauseMs
  let lastAt = Number.NEGATIVE_INFINITY
  let timer: { cancel(): void } | undefined
  const now = () => {
    lastAt = clock.monotonicMs()
    call()
  }
  return {
    now,
    soon() {
      if (timer) return
      const sinceMs = clock.monotonicMs() - lastAt
      if (sinceMs >= pauseMs) {
        pauseMs = sinceMs > longestPauseMs ? shortestPauseMs : pauseMs
        return now()
      }
      timer = clock.setTimeout(() => {
        timer = undefined
        pauseMs = Math.min(longestPauseMs, pauseMs * 1.2)
        now()
      }, pauseMs - sinceMs)
    },
    cancel: () => timer?.cancel(),
  }
}

export interface TreeEnding {
  readonly platform: Platform
  readonly clock: Clock
  readonly supervisorPid: number
  readonly killGraceMs: number
  readonly signal: AbortSignal
}

/** After the kill: a remaining process hangs in the kernel, and no signal helps. */
const killPatienceMs = 2_000
const treeLookMs = 50

/**
 * Ends a script and all its known processes: TERM, and KILL to the rest after the grace period. The
 * supervisor is spared, so that it can report how the script ended. Returns when no process is
 * left.
 */
export async function endScriptTree(ending: TreeEnding): Promise<void> {
  const { platform, clock, supervisorPid, killGraceMs, signal } = ending
  const known = new Set<string>()
  const list = () => {
    const tree = platform.listTree(supervisorPid, known)
    for (const { identity } of tree) known.add(identity)
    return tree
  }
  const isOver = async (patienceMs: number, each: (tree: ReturnType<typeof list>) => void) => {
    for (let leftMs = patienceMs; ; leftMs -= treeLookMs) {
      const tree = list()
      if (tree.length === 0) return true
      if (leftMs <= 0 || signal.aborted) return false
      each(tree)
      await clock.wait(treeLookMs, signal)
    }
  }
  platform.signalTree(supervisorPid, list(), 'terminate')
  const signalled = new Set(known)
  const termed = await isOver(killGraceMs, (tree) => {
    // Processes that started during the signalling have not received it.
    const late = tree.filter(({ identity }) => !signalled.has(identity))
    for (const { identity } of late) signalled.add(identity)
    platform.signalTree(supervisorPid, late, 'terminate')
  })
  if (!termed && !signal.aborted)
    await isOver(killPatienceMs, (tree) => platform.signalTree(supervisorPid, tree, 'kill'))
}
