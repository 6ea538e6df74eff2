import { allowReboot } from '../../../core/execution/invocation.ts'
import type { ActionOptions, OperationPart } from '../../../core/execution/operation.ts'
import type { Action, ParameterValues } from '../../../core/extension/extension.ts'
import { isSecretReference } from '../../../core/extension/secret-reference.ts'
import { isWork, type PlannedTarget } from '../../../core/plan/plan.ts'
import { type StatedChange, stateValues } from '../../../core/trust/plan-statement.ts'
import type { WorkFacts } from './operation-handler.ts'

/** What the tasks of an operation on extensions do, as approvers sign it: see `handOutExtension`. */
export const stateChanges =
  (parts: readonly OperationPart[], options: ActionOptions, facts: WorkFacts) =>
  (planned: PlannedTarget): readonly (StatedChange | undefined)[] =>
    parts.map((part, index) => {
      const decision = planned.parts ? planned.parts[index] : planned
      return decision && isWork(decision) ? stateChange(part, index, options, decision, facts) : undefined
    })

function stateChange(
  { extensionId, extensionName: extension }: OperationPart,
  index: number,
  options: ActionOptions,
  { step, toVersion: version, parameterSet }: Pick<PlannedTarget, 'step' | 'toVersion' | 'parameterSet'>,
  { sets, versionSha256, digestOf, resolve }: WorkFacts,
): StatedChange {
  const { open = {}, secret = {} } = version === undefined ? {} : (sets[index]?.get(parameterSet) ?? {})
  return {
    kind: 'extension',
    action: step === 'verify' ? 'install' : (step as Action),
    extension,
    ...(version !== undefined && { version, versionSha256: versionSha256(extensionId, version) }),
    reinstall: options.reinstall ?? false,
    allowRemovals: options.allowRemovals ?? false,
    autoremove: options.autoremove ?? false,
    rebootTimeoutMs: allowReboot(options).reboot?.timeoutMs,
    ...stateResolved({ open, secret }, { digestOf, resolve }),
  }
}

/**
 * Approvers sign the digest of a secret that a value refers to, as it is now: the instance refuses
 * another one.
 */
export const stateResolved = (
  { open, secret }: { readonly open: ParameterValues; readonly secret: ParameterValues },
  { digestOf, resolve }: Pick<WorkFacts, 'digestOf' | 'resolve'>,
) => {
  const referring = Object.keys(open).filter((name) => isSecretReference(open[name]))
  return stateValues({ ...resolve(open), ...secret }, [...Object.keys(secret), ...referring], digestOf)
}
