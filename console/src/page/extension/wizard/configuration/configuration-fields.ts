import type { WizardConfiguration } from '../wizard-draft.ts'

export interface ConfigurationProps {
  readonly configuration: WizardConfiguration
  readonly index: number
}

/** Of what shows a part of a configuration and changes it. */
export interface ConfigurationFieldsProps extends ConfigurationProps {
  readonly set: (change: Partial<WizardConfiguration>) => void
}
