import type { AgentUpgradeOperation, AgentUpgradeRequest } from '../operation.ts'
import type { OperationRules } from './operation-rules.ts'

export const agentUpgradeRules: OperationRules<AgentUpgradeOperation, AgentUpgradeRequest> = {
  isSequence: false,
  // One key: a second upgrade of an instance waits for the first one.
  mutationKey: () => 'agent',
  parts: () => [],
  identity: (operation, content) => [operation, content],
  rekeyDigests: (operation) => operation,
  extensionNames: () => [],
  openValues: () => [],
  mapValues: (request) => request,
}
