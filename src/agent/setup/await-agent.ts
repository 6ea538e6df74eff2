import type { Clock } from '../../lib/clock.ts'
import { OperatorError } from '../../lib/operator-error.ts'
import type { ServiceState } from './plan-setup.ts'
import { readLastError, readService, type SystemdPlaces } from './systemd.ts'
import { unitName } from './unit-file.ts'

const patienceMs = 60_000
/** An agent that cannot read its state or its program ends within this time. */
const settleMs = 1_000
const pollMs = 100

/** What was seen of a service since systemd started it. */
export interface StartObservation {
  /** Right after the start. */
  readonly first: ServiceState
  readonly latest: ServiceState
  /** How long the main process has held the state directory; undefined: it does not hold it. */
  readonly heldMs: number | undefined
  readonly waitedMs: number
}

/**
 * Whether the agent runs. systemd reports a start as soon as there is a process, also of a program that ends immediately;
 * then it starts another one, with another id.
 */
export function judgeStart({ first, latest, heldMs, waitedMs }: StartObservation): 'runs' | 'ended' | 'late' | 'wait' {
  if (latest.mainPid === 0 || latest.mainPid !== first.mainPid) return 'ended'
  if (heldMs !== undefined && heldMs >= settleMs) return 'runs'
  return waitedMs >= patienceMs ? 'late' : 'wait'
}

export interface StartWait {
  readonly systemd: SystemdPlaces
  readonly clock: Clock
  /** The process that holds the state directory of the agent. */
  readonly readHolder: () => Promise<number | undefined>
  /** Interrupts waiting. */
  readonly signal: AbortSignal
}

/** Resolves when the agent that systemd has just started runs. Rejects with OperatorError when it ends instead. */
export async function awaitAgent({ systemd, clock, readHolder, signal }: StartWait): Promise<void> {
  const startedAt = clock.monotonicMs()
  let first: ServiceState | undefined
  let heldSince: number | undefined
  for (;;) {
    const latest = await readService(systemd)
    if (latest === undefined) throw new OperatorError(`systemctl no longer shows ${unitName}`)
    first ??= latest
    const holder = await readHolder()
    const now = clock.monotonicMs()
    heldSince = holder === latest.mainPid ? (heldSince ?? now) : undefined
    const heldMs = heldSince === undefined ? undefined : now - heldSince
    const verdict = judgeStart({ first, latest, heldMs, waitedMs: now - startedAt })
    if (verdict === 'runs') return
    if (verdict === 'ended') {
      const error = await readLastError(systemd)
      throw new OperatorError(
        `the agent ended right after systemd had started it (see journalctl -u ${unitName})${error === undefined ? '' : `: ${error}`}`,
      )
    }
    if (verdict === 'late')
      throw new OperatorError(
        `the agent does not use its state directory ${patienceMs / 1_000} s after its start (see journalctl -u ${unitName})`,
      )
    await clock.wait(pollMs, signal)
    if (signal.aborted) throw new OperatorError('interrupted')
  }
}
