import { chandlerError } from '../../../core/error/errors.ts'
import { getExtensionByName } from '../../../store/extension/extensions.ts'
import { listVersionCoverage, type VersionCoverage } from '../../../store/instance/installed-states.ts'
import { countFilteredInstances } from '../../../store/instance/instance-lists.ts'
import type { Actor, AppContext } from '../context.ts'

export interface ExtensionCoverage {
  readonly versions: readonly VersionCoverage[]
  /** Of the account, with and without it; those that wait for approval are left out. */
  readonly instances: number
}

const maxCounted = 1_000_000

/** On how many of the account's instances each version of an extension is, and of how many there are. @throws ExtensionNotFound */
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
