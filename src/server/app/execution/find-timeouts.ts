import { partsOf } from '../../../core/execution/operation.ts'
import type { Configuration } from '../../../core/extension/extension.ts'
import type { ExtensionId } from '../../../core/id.ts'
import { defaultScriptTimeoutMs } from '../../../core/limits.ts'
import type { PlannedTarget } from '../../../core/plan/plan.ts'
import type { Connection } from '../../../store/database/database.ts'
import { listConfigurations, recipeKey } from '../../../store/extension/configurations.ts'
import type { Plan } from '../plan/make-plan.ts'

type Planned = Pick<PlannedTarget, 'configurationId' | 'fromVersion' | 'step'>

/**
 * The total time limit of the planned work, by part: for an extension the scripts of its
 * configuration, and the checks, which run in parallel after them. An uninstall runs the
 * configuration of the installed version.
 */
export async function findTimeouts(
  connection: Connection,
  { operation, parts, planned }: Plan,
): Promise<(planned: Planned, part: number) => number> {
  if (operation.kind === 'command' || operation.kind === 'osPackage') return () => operation.timeoutMs
  const extensionIds = partsOf(operation).map((part) => part.extensionId)
  const removed = extensionIds.flatMap((extensionId, part) =>
    parts[part]?.version ? [] : listRemoved(planned, part).map((version) => ({ extensionId, version })),
  )
  const installed = await listConfigurations(connection, removed)
  return (target, part) =>
    timeoutOf(findRecipe(target, extensionIds[part] as ExtensionId, parts[part]?.version, installed))
}

function listRemoved(planned: Plan['planned'], part: number): number[] {
  const versions = planned.flatMap((target) => (target.parts ? target.parts[part] : target)?.fromVersion ?? [])
  return [...new Set(versions)]
}

function findRecipe(
  { configurationId = '', fromVersion = 0 }: Planned,
  extensionId: ExtensionId,
  version: Plan['parts'][number]['version'],
  installed: ReadonlyMap<string, Configuration>,
): Configuration | undefined {
  return version
    ? version.configurations.find(({ id }) => id === configurationId)
    : installed.get(recipeKey(extensionId, fromVersion, configurationId))
}

const timeoutOf = (configuration: Configuration | undefined) =>
  configuration
    ? configuration.run.timeoutMs + Math.max(0, ...configuration.verify.map(({ withinMs }) => withinMs))
    : defaultScriptTimeoutMs
