/** Rate control as a person writes it. Percentages are of the tasks that have work to do. */
export interface RateControl {
  readonly mode: 'Concurrency' | 'Batch'
  /** Concurrency mode: how many tasks run at once. */
  readonly concurrency: Amount
  /** Batch mode: sizes in order; the last one repeats until every task has a batch. */
  readonly batches: readonly Amount[]
  /** Batch mode: how many tasks of the open batch run at once. */
  readonly concurrencyInBatches: Amount
  /** More failures than this and nothing new starts. */
  readonly maxErrors: Amount
  readonly batchPause: BatchPause
}

/** A count, or a percentage such as `{ percent: 10 }`. */
export type Amount = number | { readonly percent: number }

export const batchPauses = ['Automatic', 'FirstBatchPause', 'EveryBatchPause'] as const
export type BatchPause = (typeof batchPauses)[number]

/**
 * Automatic: it runs, and stops by the error budget. FailurePause: a failure asks a person. Debug: nothing starts by itself, a person names
 * each task, one at a time.
 */
export const executionModes = ['Automatic', 'FailurePause', 'Debug'] as const
export type ExecutionMode = (typeof executionModes)[number]

/** What an execution is frozen with, and what was requested: trying again resolves that for other targets. */
export type FrozenRateControl = ResolvedRateControl & {
  readonly mode: RateControl['mode']
  /** Absent in executions of before it was kept. */
  readonly requested?: RateControl
}

/** Rate control with every percentage worked out for a number of tasks; what an execution is frozen with. */
export interface ResolvedRateControl {
  /** Sizes of all batches, in order; they sum to the number of tasks. Concurrency mode has one batch. */
  readonly batchSizes: readonly number[]
  /** Tasks of the open batch at once. */
  readonly concurrency: number
  readonly maxErrors: number
  readonly batchPause: BatchPause
}
