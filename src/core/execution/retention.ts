/**
 * How long ended records are kept, in milliseconds; undefined: forever. Set by the operator for all
 * accounts.
 */
export interface Retention {
  /** Executions with their tasks and invocations, counted from the end of the execution. */
  readonly executionsMs: number | undefined
  /**
   * Script output, counted from the end of the execution. Deleted with its execution at the latest.
   */
  readonly outputMs: number | undefined
  readonly auditLogMs: number | undefined
}

const day = 24 * 60 * 60_000

/**
 * Output needs by far the most space, up to 64 MiB for each invocation, and is mostly read within
 * days. Executions document what was done to an instance, for a year; audits require longer.
 */
export const defaultRetention: Retention = { executionsMs: 365 * day, outputMs: 90 * day, auditLogMs: 730 * day }

/** The minimum: a typing error must not delete recent records. */
export const minRetentionMs = day

/**
 * The age from which an ended execution's output is due; executions are deleted with their output.
 */
export const outputRetentionMs = ({ executionsMs, outputMs }: Retention): number | undefined =>
  executionsMs === undefined || outputMs === undefined ? (outputMs ?? executionsMs) : Math.min(executionsMs, outputMs)
