import { isAgentOutgrown, type MemoryLimits } from '../core/instance/agent-memory.ts'
import type { Clock, Timer } from '../lib/clock.ts'

export interface MemoryWatch {
  /** The agent is connected: the first time, its memory is that of an agent at rest. */
  online(): void
  close(): void
}

export interface MemoryWatchOptions extends MemoryLimits {
  readonly checkMs: number
  readonly clock: Clock
  readonly countOpen: () => number
  readonly readRssBytes: () => number
  /** Called at most once. */
  readonly onOutgrown: (rssBytes: number) => void
}

export function watchMemory(options: MemoryWatchOptions): MemoryWatch {
  const { checkMs, clock, countOpen, readRssBytes, onOutgrown } = options
  let restBytes: number | undefined
  let busyAt = clock.monotonicMs()
  let timer: Timer | undefined

  const check = () => {
    const now = clock.monotonicMs()
    const openInvocations = countOpen()
    if (openInvocations > 0) busyAt = now
    const rssBytes = readRssBytes()
    if (isAgentOutgrown({ rssBytes, restBytes, openInvocations, idleMs: now - busyAt }, options)) onOutgrown(rssBytes)
    else timer = clock.setTimeout(check, checkMs, { unref: true })
  }
  timer = clock.setTimeout(check, checkMs, { unref: true })

  return {
    online: () => {
      restBytes ??= readRssBytes()
    },
    close: () => timer?.cancel(),
  }
}
