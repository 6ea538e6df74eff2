import type { Action, ParameterValues } from './extension.ts'
import type { ExtensionId } from './id.ts'

/**
 * What an execution does on each of its targets: a closed union. Planning and reporting look inside; reconciling, rate control,
 * delivery and pages do not. Later kinds (run a command, manage an OS package, several extensions in order) join here.
 */
export type Operation = ExtensionOperation

export interface ExtensionOperation {
  readonly kind: 'extension'
  readonly action: Action
  readonly extensionId: ExtensionId
  readonly extensionName: string
  /** Install and update: the wanted version. Uninstall: what to remove is what each instance has. */
  readonly version: number
  /** Effective values (defaults filled in); noEcho values are absent here and kept encrypted beside it. */
  readonly parameters: ParameterValues
  readonly parametersDigest: string
}

/** One mutation at a time per instance and this key (design §6). */
export const mutationKeyOf = (operation: Operation): string => operation.extensionId
