import type { Reason } from '../reason/reason.ts'
import { decideGate } from './decide-gate.ts'
import type { Gate, GateProgress } from './gate.ts'

/** What is next between two batches. */
export type GateStep =
  /** Every gate is passed. */
  | { readonly kind: 'open' }
  | { readonly kind: 'enter'; readonly gate: number }
  | { readonly kind: 'leave'; readonly outcome: 'passed' | 'failed'; readonly reason: Reason }
  /** `until` in ms since 1970. */
  | { readonly kind: 'wait'; readonly until: number; readonly reason: Reason }
  | { readonly kind: 'failed'; readonly reason: Reason }

/**
 * The next step at the gates after a batch, which are passed in order.
 * @param progress of the latest gate of the execution; of an earlier batch: no gate has begun
 * @param now in ms since 1970, on the clock that set `beganAt`
 */
export function findGateStep(
  gates: readonly Gate[],
  { batch, progress }: { readonly batch: number; readonly progress: GateProgress | undefined },
  now: number,
): GateStep {
  if (gates.length === 0) return { kind: 'open' }
  if (progress?.batch !== batch) return { kind: 'enter', gate: 0 }
  if (progress.outcome === 'failed') return { kind: 'failed', reason: progress.reason ?? [] }
  if (progress.outcome === 'passed')
    return progress.gate + 1 < gates.length ? { kind: 'enter', gate: progress.gate + 1 } : { kind: 'open' }
  const gate = gates[progress.gate]
  if (!gate) throw new Error(`there is no gate ${progress.gate} of ${gates.length}`)
  const decision = decideGate(gate, progress, now)
  switch (decision.kind) {
    case 'open':
      return { kind: 'leave', outcome: 'passed', reason: [] }
    case 'failed':
      return { kind: 'leave', outcome: 'failed', reason: decision.reason }
    case 'wait':
      return decision
  }
}
