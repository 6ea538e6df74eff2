import type { Gate, GateFailurePolicy } from '../gate/gate.ts'

/** Rate control as users write it. Percentages refer to the tasks that have work. */
export interface RateControl {
  readonly mode: 'Concurrency' | 'Batch'
  /** Concurrency mode: the maximum number of running tasks. */
  readonly concurrency: Amount
  /**
   * Batch mode: batches in order; the last one is a size, which repeats until every task has a batch.
   */
  readonly batches: readonly BatchSize[]
  /** Batch mode: the maximum number of running tasks of the open batch. */
  readonly concurrencyInBatches: Amount
  /** After more failures than this no new task starts. */
  readonly maxErrors: Amount
  readonly batchPause: BatchPause
  /** Batch mode: what must hold before the next batch opens, in order. */
  readonly gates?: readonly Gate[]
  /** What the execution does when a gate has failed; absent: it pauses. */
  readonly onGateFailure?: GateFailurePolicy
}

/** A count, or a percentage such as `{ percent: 10 }`. */
export type Amount = number | { readonly percent: number }

/** The size of a batch, or the group whose instances it has. */
export type BatchSize = Amount | { readonly group: string }

/** Whether an execution waits for an operator after no, the first, or every batch. */
export const batchPauses = ['Automatic', 'FirstBatchPause', 'EveryBatchPause'] as const
export type BatchPause = (typeof batchPauses)[number]

/**
 * Automatic: runs, and stops when the error budget is spent. FailurePause: waits for an operator
 * after a failure. Debug: no task starts by itself; an operator starts each one, one at a time.
 */
export const executionModes = ['Automatic', 'FailurePause', 'Debug'] as const
export type ExecutionMode = (typeof executionModes)[number]

/**
 * The resolved rate control that an execution is frozen with, and the requested one, which a retry
 * resolves for other targets.
 */
export type FrozenRateControl = ResolvedRateControl & {
  readonly mode: RateControl['mode']
  /** Absent in executions of earlier releases. */
  readonly requested?: RateControl
}

/** Rate control with every percentage resolved for a number of tasks. */
export interface ResolvedRateControl {
  /**
   * Sizes of all batches, in order; they add up to the number of tasks. Concurrency mode has one
   * batch.
   */
  readonly batchSizes: readonly number[]
  /** The group whose instances a batch has, by batch number. Absent: no batch is of a group. */
  readonly batchGroups?: Readonly<Record<number, string>>
  /** The maximum number of running tasks of the open batch. */
  readonly concurrency: number
  readonly maxErrors: number
  readonly batchPause: BatchPause
  /** Between batches, in order. Absent in executions of earlier releases. */
  readonly gates?: readonly Gate[]
  readonly onGateFailure?: GateFailurePolicy
}
