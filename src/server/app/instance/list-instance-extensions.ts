import { fitVersion, type VersionFit } from '../../../core/plan/plan.ts'
import { listNewestVersions, type NewestVersion } from '../../../store/extension/extension-versions.ts'
import type { Actor, AppContext } from '../context.ts'
import { getInstance, type InstalledView } from './get-instance.ts'

export interface InstanceExtension extends NewestVersion {
  /** Undefined if no version can be installed. */
  readonly fit: VersionFit | undefined
  readonly state: InstalledView | undefined
}

/**
 * The account's extensions by name, each with its installed state on an instance and whether its
 * newest version fits that instance. @throws InstanceNotFound
 */
export async function listInstanceExtensions(
  context: Pick<AppContext, 'database' | 'secrets' | 'log'>,
  actor: Actor,
  id: string,
  page: { readonly after?: string | undefined; readonly text?: string | undefined; readonly limit: number },
): Promise<InstanceExtension[]> {
  const instance = await getInstance(context, actor, id)
  const states = new Map(instance.extensions.map((state) => [state.extensionId, state]))
  const extensions = await listNewestVersions(context.database, actor.accountId, page)
  return extensions.map((extension) => ({
    ...extension,
    fit: extension.newest ? fitVersion(extension.newest, { instance }) : undefined,
    state: states.get(extension.extensionId),
  }))
}
