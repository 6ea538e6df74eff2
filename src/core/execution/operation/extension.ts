import type { ExtensionOperation, ExtensionRequest } from '../operation.ts'
import { identityOfParts, type OperationRules, rekeyPart } from './operation-rules.ts'

export const extensionRules: OperationRules<ExtensionOperation, ExtensionRequest> = {
  isSequence: false,
  mutationKey: ({ extensionId }) => extensionId,
  parts: (operation) => [operation],
  identity: (operation) => identityOfParts(operation, [operation]),
  rekeyDigests: rekeyPart,
  extensionNames: ({ extension }) => [extension],
  openValues: ({ parameters }) => [parameters],
  mapValues: (request, change) => ({ ...request, parameters: change(request.extension, request.parameters) }),
}
