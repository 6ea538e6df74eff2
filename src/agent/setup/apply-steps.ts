import { describeSystemError } from './describe-system-error.ts'

/** The message of a failure that a signal caused. */
export const interruption = 'interrupted'

/** Puts back what a step has changed, or may have changed. */
export type Undo = () => Promise<void>

/** A step failed. What it and the steps before it had changed is put back, as far as `unfinished` does not say otherwise. */
export class StepsFailed extends Error {
  override readonly name = 'StepsFailed'
  /** Why something could not be put back, one line each. */
  readonly unfinished: readonly string[]
  /** Whether anything had been changed. */
  readonly hadChanges: boolean

  constructor(cause: unknown, hadChanges: boolean, unfinished: readonly string[]) {
    super(describeSystemError(cause), { cause })
    this.hadChanges = hadChanges
    this.unfinished = unfinished
  }
}

/**
 * Performs the steps in order. When one fails, or `signal` aborts between two, the changes of the earlier ones are put
 * back, last first, and the promise rejects with StepsFailed.
 * @param perform registers how to put a change back as soon as there may be one, also if it fails afterwards
 */
export async function applySteps<Step>(
  steps: readonly Step[],
  perform: (step: Step, onUndo: (undo: Undo) => void) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const undos: Undo[] = []
  try {
    for (const step of steps) {
      if (signal.aborted) throw new Error(interruption)
      await perform(step, (undo) => undos.push(undo))
    }
  } catch (error) {
    const unfinished: string[] = []
    for (const undo of undos.toReversed())
      await undo().catch((problem: unknown) =>
        unfinished.push(problem instanceof Error ? problem.message : String(problem)),
      )
    throw new StepsFailed(error, undos.length > 0, unfinished)
  }
}
