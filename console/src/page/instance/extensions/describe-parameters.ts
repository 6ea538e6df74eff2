import type { Action, ParameterDeclarations } from '../../../../../src/core/extension/extension.ts'
import { listDeclarations } from '../../batch/operation/read-parameter-texts.ts'

export interface DescribedParameters {
  /** `port=80`; of secrets the name. */
  readonly defaults: readonly string[]
  /** Names of those that somebody has to give. */
  readonly missing: readonly string[]
}

/** What an action does with parameters that nobody gives. Undefined while the declarations are not known. */
export function describeParameters(
  declarations: ParameterDeclarations | undefined,
  action: Action,
): DescribedParameters | undefined {
  if (!declarations) return undefined
  const declared = listDeclarations(declarations, action)
  return {
    // An update keeps the values that the instance has: the plan says if it lacks one.
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
