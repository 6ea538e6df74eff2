import { chandlerError } from '../../../core/error/errors.ts'
import { getExtensionByName } from '../../../store/extension/extensions.ts'
import { listVersionCoverage, type VersionCoverage } from '../../../store/instance/installed-states.ts'
import { countFilteredInstances } from '../../../store/instance/instance-lists.ts'
import type { Actor, AppContext } from '../context.ts'

export interface ExtensionCoverage {
  readonly versions: readonly VersionCoverage[]
  /** All instances of the account except those that wait for approval. */
  readonly instances: number
}

const maxCounted = 1_000_000

/**
 * The number of the account's instances with each version of an extension, and of all instances.
 * @throws ExtensionNotFound
 */
export async function readCoverage(
  { database }: Pick<AppContext, 'database'>,
  { accountId }: Pick<Actor, 'accountId'>,
  name: string,
): Promise<ExtensionCoverage> {
  const extension = await getExtensionByName(database, accountId, name)
  if (!extension) throw chandlerError('ExtensionNotFound', { name })
  const [versions, instances] = await Promise.all([
    listVersionCoverage(database, accountId, extension.id),
    countFilteredInstances(database, { accountId, withoutPending: true }, maxCounted),
  ])
  return { versions, instances }
}
