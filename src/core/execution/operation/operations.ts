import type { ParameterValues } from '../../extension/extension.ts'
import type { ExecutionId } from '../../id.ts'
import type { Operation, OperationKind, OperationOf, OperationPart, OperationRequest, RequestOf } from '../operation.ts'
import { agentUpgradeRules } from './agent-upgrade.ts'
import { commandRules } from './command.ts'
import { extensionRules } from './extension.ts'
import { extensionsRules } from './extensions.ts'
import type { ChangeValues, OperationRules } from './operation-rules.ts'
import { osPackageRules } from './os-package.ts'
import { rollbackRules } from './rollback.ts'

const rules = {
  extension: extensionRules,
  extensions: extensionsRules,
  command: commandRules,
  osPackage: osPackageRules,
  agentUpgrade: agentUpgradeRules,
  rollback: rollbackRules,
} satisfies { readonly [Kind in OperationKind]: OperationRules<OperationOf<Kind>, RequestOf<Kind>> }

const rulesOf = ({ kind }: { readonly kind: OperationKind }): OperationRules => rules[kind]

/** Every kind of operation. */
export const operationKinds = Object.keys(rules) as readonly OperationKind[]

/**
 * At most one mutation runs at a time per instance and key (design §6).
 * @param part index of the part; ignored by kinds that are no sequence of parts
 */
export const mutationKeyOf = (operation: Operation, executionId: ExecutionId, part: number): string =>
  rulesOf(operation).mutationKey(operation, executionId, part)

/** The extensions that an operation changes; empty for kinds that change none. */
export const partsOf = (operation: Operation): readonly OperationPart[] => rulesOf(operation).parts(operation)

/**
 * The extension that an invocation changes; undefined for kinds that change none.
 * @param part null = the only one
 */
export function partOf(operation: Operation, part: number | null): OperationPart | undefined {
  const parts = partsOf(operation)
  const index = part ?? 0
  if (parts.length > 0 && !parts[index]) throw new Error(`there is no part ${index} of ${parts.length}`)
  return parts[index]
}

/**
 * Whether parts run one after the other, each with an invocation and with secret values of its own.
 */
export const isSequence = (operation: Operation): boolean => rulesOf(operation).isSequence

/**
 * JSON that is equal for operations that do the same to the same targets.
 * @param content script of a command; empty for other kinds
 */
export const operationIdentityOf = (operation: Operation, content: string): readonly unknown[] =>
  rulesOf(operation).identity(operation, content)

/** The operation with every digest of values replaced. */
export const rekeyOperation = (operation: Operation, rekey: (digest: string) => string): Operation =>
  rulesOf(operation).rekeyDigests(operation, rekey)

/** The values that are not secret, of each part or of a command. */
export const openValuesOf = (operation: Operation): readonly ParameterValues[] =>
  rulesOf(operation).openValues(operation)

/** A request with other given values. */
export const mapRequestedValues = (request: OperationRequest, change: ChangeValues): OperationRequest =>
  rulesOf(request).mapValues(request, change)

/**
 * Names of the extensions in a request, in the request's order; empty for kinds that change none.
 */
export const extensionNamesOf = (request: OperationRequest): readonly string[] =>
  rulesOf(request).extensionNames(request)
