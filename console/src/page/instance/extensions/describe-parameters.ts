import type { Action, ParameterDeclarations } from '../../../../../src/core/extension/extension.ts'
import { listDeclarations } from '../../batch/operation/read-parameter-texts.ts'

export interface DescribedParameters {
  /** `port=80`; only the name for secrets. */
  readonly defaults: readonly string[]
  /** Names of required parameters without a value. */
  readonly missing: readonly string[]
}

/** Effect of an action on parameters without explicit values. Undefined while declarations load. */
export function describeParameters(
  declarations: ParameterDeclarations | undefined,
  action: Action,
): DescribedParameters | undefined {
  if (!declarations) return undefined
  const declared = listDeclarations(declarations, action)
  return {
    // An update keeps the instance's values: the plan reports missing ones.
    missing:
      action === 'update'
        ? []
        : declared.flatMap(([name, { default: initial }]) => (initial === undefined ? [name] : [])),
    defaults:
      action === 'update'
        ? []
        : declared.flatMap(([name, { default: initial, noEcho }]) => {
            if (initial === undefined) return []
            return [noEcho ? name : `${name}=${initial}`]
          }),
  }
}
