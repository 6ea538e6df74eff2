import type { RollbackOperation, RollbackRequest } from '../operation.ts'
import { type OperationRules, partKey, rekeyParts } from './operation-rules.ts'

export const rollbackRules: OperationRules<RollbackOperation, RollbackRequest> = {
  isSequence: true,
  mutationKey: ({ parts }, _, index) => partKey(parts, index),
  parts: ({ parts }) => parts,
  // The states that it restores are in the planned targets.
  identity: ({ kind, executionId }) => [kind, executionId],
  rekeyDigests: rekeyParts,
  extensionNames: ({ extensions }) => extensions,
  openValues: ({ parts }) => parts.map(({ parameters }) => parameters),
  mapValues: (request) => request,
}
