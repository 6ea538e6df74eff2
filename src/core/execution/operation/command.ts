import type { CommandOperation, CommandRequest } from '../operation.ts'
import { type OperationRules, rekeyPart } from './operation-rules.ts'

export const commandRules: OperationRules<CommandOperation, CommandRequest> = {
  isSequence: false,
  // The key is the execution's own: commands never wait for each other, and the instance still
  // counts as busy.
  mutationKey: (_, executionId) => `command-${executionId}`,
  parts: () => [],
  identity: (operation, content) => [operation, content],
  rekeyDigests: rekeyPart,
  extensionNames: () => [],
  openValues: ({ parameters }) => [parameters],
  mapValues: (request, change) => ({ ...request, parameters: change('', request.parameters) }),
}
