/** How long what has ended is kept, in milliseconds; undefined: for ever. Chosen by the operator, the same for all accounts. */
export interface Retention {
  /** Executions with their tasks and invocations, counted from the end of the execution. */
  readonly executionsMs: number | undefined
  /** What scripts printed, counted from the end of the execution. It goes with its execution at the latest. */
  readonly outputMs: number | undefined
  readonly auditLogMs: number | undefined
}

const day = 24 * 60 * 60_000

/**
 * Output is by far the most: 64 MiB for each invocation at the most, and read in the days after. Executions answer what was done
 * to a server for a year; audits ask for more than that.
 */
export const defaultRetention: Retention = { executionsMs: 365 * day, outputMs: 90 * day, auditLogMs: 730 * day }

/** Nothing is removed sooner: a typing error must not cost the records of today. */
export const minRetentionMs = day

/** Since when output of an execution that ended at an instant is due; executions take theirs with them. */
export const outputRetentionMs = ({ executionsMs, outputMs }: Retention): number | undefined =>
  executionsMs === undefined || outputMs === undefined ? (outputMs ?? executionsMs) : Math.min(executionsMs, outputMs)
