import type { ParameterDeclarations } from '../../../../src/core/extension/extension.ts'
import type { BatchPageState, UnsharedInput } from './batch-state.ts'
import type { ReadBatch } from './make-request.ts'
import type { ExtensionChoice } from './operation/use-extension-choice.ts'

/** Props of the form sections: the current input, how to change it, and its problems. */
export interface BatchForm {
  readonly state: BatchPageState
  readonly change: (values: Partial<BatchPageState>) => void
  readonly unshared: UnsharedInput
  readonly changeUnshared: (values: Partial<UnsharedInput>) => void
  readonly choice: ExtensionChoice
  readonly declarations: ParameterDeclarations
  readonly batch: ReadBatch
  /** The user has tried to continue: missing fields are now errors. */
  readonly isTried: boolean
}
