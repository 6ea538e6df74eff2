import type { ExecutionView, PlanRequest } from '../../../../src/protocol/api/executions.ts'
import { maxChecksPerRequest, type RequiredPermission } from '../../data/permission-checks.ts'
import { changedExtensions } from './operation-kinds.ts'

const upgradeTemplate = 'Chandler-UpgradeAgents'

/** Each of some instances, or that there is such an instance: the plan decides about each. */
const onInstances = (action: string, ids: readonly string[]): readonly RequiredPermission[] =>
  ids.length === 0 || ids.length > maxChecksPerRequest
    ? [{ action, resource: 'instance/*' }]
    : ids.map((id) => ({ action, resource: `instance/${id}` }))

const onTemplate = (name: string): RequiredPermission => ({
  action: 'oos:StartExecution',
  resource: `template/${name}`,
})

/** Starting anything. */
export const startingAny = [onTemplate('*'), ...onInstances('oos:StartExecution', [])]

/** Starting an execution of a still unknown extension on these instances. */
export const startingOn = (ids: readonly string[]): readonly RequiredPermission[] => [
  onTemplate('*'),
  ...onInstances('oos:StartExecution', ids),
]

/** Starting an execution of an extension, on these instances or on any. */
export const starting = (extension: string, ids: readonly string[] = []): readonly RequiredPermission[] => [
  onTemplate(extension),
  ...onInstances('oos:StartExecution', ids),
]

/** Upgrading the agents of these instances, or of any. */
export const upgradingAgents = (ids: readonly string[] = []): readonly RequiredPermission[] => [
  onTemplate(upgradeTemplate),
  ...onInstances('ecs:RunCommand', ids),
]

/** Starting the operation of an execution again. */
export const startingOperation = (operation: ExecutionView['operation']): readonly RequiredPermission[] => {
  const extensions = changedExtensions(operation)
  return extensions.length === 0
    ? upgradingAgents()
    : [...extensions.map(onTemplate), ...onInstances('oos:StartExecution', [])]
}

/** Starting a request of the batch page: an extension, or an upgrade of agents. */
export function startingRequest({ extension, targets }: PlanRequest): readonly RequiredPermission[] {
  const ids = targets.kind === 'ids' ? targets.ids : []
  return extension === undefined ? upgradingAgents(ids) : starting(extension, ids)
}
