import type { ParameterDeclarations } from '../../../../src/core/extension/extension.ts'
import type { BatchPageState, UnsharedInput } from './batch-state.ts'
import type { ReadBatch } from './make-request.ts'
import type { ExtensionChoice } from './operation/use-extension-choice.ts'

/** What the parts of the form are given: what was said so far, how to say more, and what is wrong with it. */
export interface BatchForm {
  readonly state: BatchPageState
  readonly change: (values: Partial<BatchPageState>) => void
  readonly unshared: UnsharedInput
  readonly changeUnshared: (values: Partial<UnsharedInput>) => void
  readonly choice: ExtensionChoice
  readonly declarations: ParameterDeclarations
  readonly batch: ReadBatch
  /** Somebody wanted to go on: what is missing is a mistake now. */
  readonly isTried: boolean
}
