import type { ExtensionsOperation, ExtensionsRequest } from '../operation.ts'
import { identityOfParts, type OperationRules, rekeyPart } from './operation-rules.ts'

export const extensionsRules: OperationRules<ExtensionsOperation, ExtensionsRequest> = {
  isSequence: true,
  mutationKey({ parts }, _, index) {
    const part = parts[index]
    if (!part) throw new Error(`there is no part ${index} of ${parts.length}`)
    return part.extensionId
  },
  parts: ({ parts }) => parts,
  identity: (operation) => identityOfParts(operation, operation.parts),
  rekeyDigests: (operation, rekey) => ({
    ...operation,
    parts: operation.parts.map((part) => rekeyPart(part, rekey)),
  }),
  extensionNames: ({ extensions }) => extensions.map(({ extension }) => extension),
}
