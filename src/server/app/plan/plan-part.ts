import type { ExtensionVersion, ParameterValues } from '../../../core/extension/extension.ts'

export interface PlanPart {
  readonly version: ExtensionVersion | undefined
  readonly secret: ParameterValues
}
