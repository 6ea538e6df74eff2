import { listPackageStateRows as listRows, type PackageStateRow } from '../../../store/instance/installed-states.ts'
import { authoriseObject } from '../access/object-access.ts'
import type { Actor, AppContext } from '../context.ts'
import { findInstanceIds } from './get-instance.ts'

export type PackageStateView = PackageStateRow

/**
 * The installed extensions of an instance, by name of the extension.
 * @param question.instance its own id, or its cloud's
 * @throws InstanceNotFound, InstanceAmbiguous, AccessDenied
 */
export async function listPackageStates(
  context: Pick<AppContext, 'database' | 'clock' | 'region' | 'accountName'>,
  actor: Actor,
  {
    instance,
    ...page
  }: {
    readonly instance: string
    readonly names?: readonly string[] | undefined
    readonly after?: string | undefined
    readonly limit: number
  },
): Promise<PackageStateView[]> {
  const [instanceId] = [...(await findInstanceIds(context, actor, [instance])).values()]
  if (instanceId === undefined) return []
  await authoriseObject(context, actor, { action: 'ecs:DescribeInstances', kind: 'instance', id: instanceId })
  return listRows(context.database, actor.accountId, { instanceId, ...page })
}
