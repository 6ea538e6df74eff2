import type { Clock } from '../../lib/clock.ts'
import { OperatorError } from '../../lib/operator-error.ts'
import { readConnectionRecord } from '../state/connection-record.ts'
import { interruption } from './apply-steps.ts'

export interface ConnectionWait {
  /** State directory of the agent. */
  readonly state: string
  /** The address that the agent connects to. */
  readonly server: string | undefined
  /** The process that holds the state directory. */
  readonly readHolder: () => Promise<number | undefined>
  readonly clock: Clock
  /** Interrupts waiting. */
  readonly signal: AbortSignal
  /** Where the log of the agent is, for the message of a failure: `journalctl -u chandler-agent`. */
  readonly log: string
}

const pollMs = 250

/** Resolves when the running agent is this version and the server has welcomed it. */
export async function awaitConnection(
  { version, withinMs }: { readonly version: string; readonly withinMs: number },
  { state, server, readHolder, clock, signal, log }: ConnectionWait,
): Promise<void> {
  const startedAt = clock.monotonicMs()
  for (;;) {
    const record = await readConnectionRecord(state)
    if (record?.program === version && record.pid === (await readHolder())) return
    if (clock.monotonicMs() - startedAt >= withinMs)
      throw new OperatorError(`agent ${version} did not connect to ${server} within ${withinMs / 1_000} s (see ${log})`)
    await clock.wait(pollMs, signal)
    if (signal.aborted) throw new OperatorError(interruption)
  }
}
