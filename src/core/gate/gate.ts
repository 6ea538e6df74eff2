import type { Reason } from '../reason/reason.ts'
import type { GateFault } from './gate-fault.ts'

/**
 * A condition that must hold before the next batch opens. The gates of an execution are passed one
 * after the other, each with a time limit: a gate that does not hold by then has failed. A gate that a
 * server checks fails only by a check after its limit, so that a server that was away or frozen, and
 * not the gate, is no reason for a failure.
 */
export type Gate = SoakGate | HttpGate | PrometheusGate | ApprovalGate

/** Time to pass after the end of a batch. */
export interface SoakGate {
  readonly kind: 'soak'
  readonly durationMs: number
}

/** A URL that answers with a status of 200 to 299. */
export interface HttpGate {
  readonly kind: 'http'
  readonly url: string
  readonly timeoutMs: number
}

/** A query whose every value satisfies the comparison; a query without a value does not hold. */
export interface PrometheusGate {
  readonly kind: 'prometheus'
  /** The address of the server, without `/api/v1/query`. */
  readonly url: string
  readonly query: string
  readonly comparison: Comparison
  readonly threshold: number
  readonly timeoutMs: number
}

export const comparisons = ['<=', '>=', '==', '!=', '<', '>'] as const
export type Comparison = (typeof comparisons)[number]

/** Approvals by users other than the one who started the execution. */
export interface ApprovalGate {
  readonly kind: 'approval'
  readonly count: number
  /** Only these users and roles may approve; without any: every user with the permission. */
  readonly users: readonly string[]
  /** Roles that users have from an identity provider. Absent: none. */
  readonly roles?: readonly string[]
  readonly timeoutMs: number
}

export const gateFailurePolicies = ['pause', 'cancel', 'rollback'] as const
/** What an execution does when a gate has failed. */
export type GateFailurePolicy = (typeof gateFailurePolicies)[number]

/** A check of a gate by a server. */
export type GateObservation =
  | { readonly holds: true }
  | { readonly holds: false; readonly fault: GateFault }
  /** Prometheus: a value that does not satisfy the comparison. */
  | { readonly holds: false; readonly value: number }
  /** HTTP: a status that is not a success. */
  | { readonly holds: false; readonly status: number }

/** A decision of a user at an approval gate. */
export interface Approval {
  readonly user: string
  readonly approves: boolean
}

/** The state of the gate that an execution is at. */
export interface GateProgress {
  /** The batch that ended before it. */
  readonly batch: number
  /** Its index among the gates of the execution. */
  readonly gate: number
  /** In ms since 1970. */
  readonly beganAt: number
  /** Absent: it is not decided. */
  readonly outcome?: 'passed' | 'failed' | undefined
  /** Why it failed. */
  readonly reason?: Reason | undefined
  readonly observation?: GateObservation | undefined
  /** When it was observed, on the clock of `beganAt`. */
  readonly observedAt?: number | undefined
  readonly approvals: readonly Approval[]
}
