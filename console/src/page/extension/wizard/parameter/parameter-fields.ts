import type { ParameterDraft } from '../wizard-draft.ts'

export interface ParameterEditorProps {
  readonly parameter: ParameterDraft
  readonly index: number
}

/** Of what shows a part of a parameter's declaration and changes it. */
export interface ParameterFieldsProps extends ParameterEditorProps {
  readonly set: (change: Partial<ParameterDraft>) => void
}
