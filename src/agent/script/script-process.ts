import { type FSWatcher, watch } from 'node:fs'
import type { Clock } from '../../lib/clock.ts'
import type { Platform, ProcessEnd, SupervisedChild } from '../platform/platform.ts'

/** How a supervised script ended. `gone`: its supervisor was killed, or the machine was; nobody knows. `notBegun`: it never ran and never will. */
export type ScriptEnd = ProcessEnd | { readonly kind: 'gone' } | { readonly kind: 'notBegun' }

export interface ScriptSupervision {
  readonly platform: Platform
  readonly clock: Clock
  /** The directory it was started in. */
  readonly directory: string
  /** If it was started by this very process. */
  readonly child?: SupervisedChild | undefined
  /** Called when there may be new output: within milliseconds of the first bytes, less often as more comes. */
  readonly onOutput: () => void
  /** Told what the system refused; looking goes on. */
  readonly onTrouble: (error: unknown) => void
  /** Ends the watching, never the script. */
  readonly signal: AbortSignal
}

/** A watch may be lost (limits of the system, network file systems): this often we look ourselves. */
const lookEveryMs = 1_000
/** Between two looks at the output: enough to look live, and no more work than that for a chatty script. */
const shortestPauseMs = 15
const longestPauseMs = 200
/** A claim is one write: a supervisor that has not done it by now was killed in between. */
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
     * Called by timers and events. An error of the system says nothing about the script: there may be no descriptor left for a moment, or a disk
     * that answers again. The next look is a second away.
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
    /** A disk that never answers again does not keep the code that our own child gave from being reported. */
    const judgeOrGuess = (): ScriptEnd | undefined => {
      try {
        return judge(platform, directory, childExit, clock.monotonicMs() - startedAt)
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
      // Our own child tells us itself when it has ended.
      else if (!child) look()
    })
    lookAgain()
    output.now()
    look()
  })
}

/** What the state of the directory means; undefined while the script runs. */
function judge(
  platform: Platform,
  directory: string,
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
      // The claim comes first: if its supervisor has ended without completing it (a full disk), the script never ran.
      if (childExit) return { kind: 'notBegun' }
      return waitedMs > startingPatienceMs ? { kind: 'gone' } : undefined
    case 'gone':
      // Our own child tells its code also where the disk was too full to leave it.
      return childExit?.code === undefined ? { kind: 'gone' } : { kind: 'exit', code: childExit.code }
    case 'prevented':
      return { kind: 'notBegun' }
    case 'unclaimed':
      return judgeUnclaimed(platform, directory, childExit !== undefined || waitedMs > startingPatienceMs)
  }
}

/** Nobody has claimed it. If nobody will, the claim is ours, and it is certain that the script never ran. */
function judgeUnclaimed(platform: Platform, directory: string, noOneWill: boolean): ScriptEnd | undefined {
  if (!noOneWill) return undefined
  return platform.preventSupervised(directory) ? { kind: 'notBegun' } : undefined
}

function watchDirectory(directory: string, onChange: (name: string) => void): FSWatcher | undefined {
  try {
    const watcher = watch(directory, { persistent: true }, (_, name) => onChange(name ?? ''))
    watcher.on('error', () => watcher.close())
    return watcher
  } catch {
    // Out of watches (ENOSPC, EMFILE): looking every second does, only later.
    return undefined
  }
}

/** Calls at once, then at growing intervals as long as there is more. */
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

/** After the kill: what is still there then hangs in the kernel, and no signal helps. */
const killPatienceMs = 2_000
const treeLookMs = 50

/**
 * Ends a script and everything it started that can be told to be its: TERM, and KILL to what is left after the grace time. The supervisor
 * is spared, so that it can say how the script ended. Returns when nothing is left.
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
  platform.signalTree(list(), 'terminate')
  const signalled = new Set(known)
  const termed = await isOver(killGraceMs, (tree) => {
    // Who was born while the others were told has not heard it yet.
    const late = tree.filter(({ identity }) => !signalled.has(identity))
    for (const { identity } of late) signalled.add(identity)
    platform.signalTree(late, 'terminate')
  })
  if (!termed && !signal.aborted) await isOver(killPatienceMs, (tree) => platform.signalTree(tree, 'kill'))
}
