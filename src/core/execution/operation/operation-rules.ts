import type { ParameterValues } from '../../extension/extension.ts'
import type { ExecutionId } from '../../id.ts'
import type { Operation, OperationPart, OperationRequest } from '../operation.ts'

/**
 * What core knows about one kind of operation. These are methods on purpose: TypeScript compares
 * their parameters in both directions, so that the rules of one kind fit a table of the rules of
 * all kinds (see `operations.ts`).
 */
export interface OperationRules<
  Planned extends Operation = Operation,
  Requested extends OperationRequest = OperationRequest,
> {
  /**
   * Whether its parts run one after the other, each with an invocation and with secret values of
   * its own.
   */
  readonly isSequence: boolean
  /** See `mutationKeyOf`. */
  mutationKey(operation: Planned, executionId: ExecutionId, part: number): string
  /** See `partsOf`. */
  parts(operation: Planned): readonly OperationPart[]
  /** See `operationIdentityOf`. */
  identity(operation: Planned, content: string): readonly unknown[]
  /** The operation with every digest of values replaced. */
  rekeyDigests(operation: Planned, rekey: (digest: string) => string): Planned
  /** Names of the extensions in a request, in the request's order. */
  extensionNames(request: Requested): readonly string[]
  /** See `openValuesOf`. */
  openValues(operation: Planned): readonly ParameterValues[]
  /** See `mapRequestedValues`. */
  mapValues(request: Requested, change: ChangeValues): Requested
}

/** Changes the given values of an extension; the name of a command's values is empty. */
export type ChangeValues = (extension: string, values: ParameterValues) => ParameterValues

/**
 * The identity of an operation on extensions. The values are not in it: each planned target has
 * them.
 */
export const identityOfParts = (
  { kind, action }: { readonly kind: string; readonly action: string },
  parts: readonly OperationPart[],
): readonly unknown[] => [kind, action, parts.map(({ extensionId, version }) => [extensionId, version])]

/** Replaces the digest of one set of values. */
export const rekeyPart = <Part extends { readonly parametersDigest: string }>(
  part: Part,
  rekey: (digest: string) => string,
): Part => ({ ...part, parametersDigest: rekey(part.parametersDigest) })

/** Replaces the digests of a sequence of parts. */
export const rekeyParts = <Sequence extends { readonly parts: readonly OperationPart[] }>(
  operation: Sequence,
  rekey: (digest: string) => string,
): Sequence => ({ ...operation, parts: operation.parts.map((part) => rekeyPart(part, rekey)) })

/** The mutation key of one part of a sequence: its extension. */
export function partKey(parts: readonly OperationPart[], index: number): string {
  const part = parts[index]
  if (!part) throw new Error(`there is no part ${index} of ${parts.length}`)
  return part.extensionId
}
