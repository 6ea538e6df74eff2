import type { ConfigurationDraft } from '../wizard-draft.ts'

export interface ConfigurationProps {
  readonly configuration: ConfigurationDraft
  readonly index: number
}

/** Of what shows a part of a configuration and changes it. */
export interface ConfigurationFieldsProps extends ConfigurationProps {
  readonly set: (change: Partial<ConfigurationDraft>) => void
}
