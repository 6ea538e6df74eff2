import type { ExtensionsOperation, ExtensionsRequest } from '../operation.ts'
import { identityOfParts, type OperationRules, partKey, rekeyParts } from './operation-rules.ts'

export const extensionsRules: OperationRules<ExtensionsOperation, ExtensionsRequest> = {
  isSequence: true,
  mutationKey: ({ parts }, _, index) => partKey(parts, index),
  parts: ({ parts }) => parts,
  identity: (operation) => identityOfParts(operation, operation.parts),
  rekeyDigests: rekeyParts,
  extensionNames: ({ extensions }) => extensions.map(({ extension }) => extension),
  openValues: ({ parts }) => parts.map(({ parameters }) => parameters),
  mapValues: (request, change) => ({
    ...request,
    extensions: request.extensions.map((one) => ({ ...one, parameters: change(one.extension, one.parameters) })),
  }),
}
