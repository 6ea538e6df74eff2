import type { WizardConfiguration } from '../wizard-draft.ts'

export interface ConfigurationProps {
  readonly configuration: WizardConfiguration
  readonly index: number
}

/** Props of components that edit a part of a configuration. */
export interface ConfigurationFieldsProps extends ConfigurationProps {
  readonly set: (change: Partial<WizardConfiguration>) => void
}
