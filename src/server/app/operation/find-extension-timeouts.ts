import { partsOf } from '../../../core/execution/operation/operations.ts'
import type { Operation } from '../../../core/execution/operation.ts'
import type { Configuration } from '../../../core/extension/extension.ts'
import type { ExtensionId } from '../../../core/id.ts'
import { defaultScriptTimeoutMs } from '../../../core/limits.ts'
import type { Connection } from '../../../store/database/database.ts'
import { configurationKey, listConfigurations } from '../../../store/extension/configurations.ts'
import type { PlanPart } from '../plan/plan-part.ts'
import type { PlannedWork, TimeoutOf } from './operation-handler.ts'

/**
 * The total time limit of the planned work, by part: for an extension the scripts of its
 * configuration, and the checks, which run in parallel after them. An uninstall runs the
 * configuration of the installed version.
 */
export async function findExtensionTimeouts(
  connection: Connection,
  operation: Operation,
  { parts, planned }: PlannedWork,
): Promise<TimeoutOf> {
  const extensionIds = partsOf(operation).map((part) => part.extensionId)
  const removed = extensionIds.flatMap((extensionId, part) =>
    parts[part]?.version ? [] : listRemoved(planned, part).map((version) => ({ extensionId, version })),
  )
  const installed = await listConfigurations(connection, removed)
  return (target, part) =>
    timeoutOfConfiguration(
      findConfiguration(target, extensionIds[part] as ExtensionId, parts[part]?.version, installed),
    )
}

function listRemoved(planned: PlannedWork['planned'], part: number): number[] {
  const versions = planned.flatMap((target) => (target.parts ? target.parts[part] : target)?.fromVersion ?? [])
  return [...new Set(versions)]
}

function findConfiguration(
  { configurationId = '', fromVersion = 0 }: Parameters<TimeoutOf>[0],
  extensionId: ExtensionId,
  version: PlanPart['version'],
  installed: ReadonlyMap<string, Configuration>,
): Configuration | undefined {
  return version
    ? version.configurations.find(({ id }) => id === configurationId)
    : installed.get(configurationKey(extensionId, fromVersion, configurationId))
}

/** The total time limit of the scripts of a configuration, and of its checks after them. */
export const timeoutOfConfiguration = (configuration: Configuration | undefined) =>
  configuration
    ? configuration.run.timeoutMs + Math.max(0, ...configuration.verify.map(({ withinMs }) => withinMs))
    : defaultScriptTimeoutMs
