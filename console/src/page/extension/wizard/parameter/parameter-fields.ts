import type { ParameterDraft } from '../wizard-draft.ts'

export interface ParameterEditorProps {
  readonly parameter: ParameterDraft
  readonly index: number
}

/** Props of components that edit a part of a parameter declaration. */
export interface ParameterFieldsProps extends ParameterEditorProps {
  readonly set: (change: Partial<ParameterDraft>) => void
}
