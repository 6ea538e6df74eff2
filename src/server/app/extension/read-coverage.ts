import { chandlerError } from '../../../core/error/errors.ts'
import { getExtensionByName } from '../../../store/extension/extensions.ts'
import { listVersionCoverage, type VersionCoverage } from '../../../store/instance/installed-states.ts'
import { countFilteredInstances } from '../../../store/instance/instance-lists.ts'
import { findPermitted } from '../access/object-access.ts'
import type { Actor, AppContext } from '../context.ts'

export interface ExtensionCoverage {
  readonly versions: readonly VersionCoverage[]
  /** All instances that the actor may see except those that wait for approval. */
  readonly instances: number
}

const maxCounted = 1_000_000

/**
 * The number of instances with each version of an extension, and of all instances: of those that
 * the actor may see.
 * @throws ExtensionNotFound
 */
export async function readCoverage(
  context: Pick<AppContext, 'database' | 'clock' | 'region' | 'accountName'>,
  actor: Actor,
  name: string,
): Promise<ExtensionCoverage> {
  const { database } = context
  const { accountId } = actor
  const extension = await getExtensionByName(database, accountId, name)
  if (!extension) throw chandlerError('ExtensionNotFound', { name })
  const permitted = findPermitted(context, actor, 'ecs:DescribeInstances', 'instance')
  const [versions, instances] = await Promise.all([
    listVersionCoverage(database, accountId, extension.id, permitted),
    countFilteredInstances(database, { accountId, permitted, withoutPending: true }, maxCounted),
  ])
  return { versions, instances }
}
