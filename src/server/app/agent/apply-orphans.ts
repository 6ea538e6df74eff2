import type { InstanceId, InvocationId } from '../../../core/id.ts'
import { compareInstalled } from '../../../core/instance/reconcile-installed.ts'
import type { Connection } from '../../../store/database/database.ts'
import { applyInstalledRecords, listKnownStates } from '../../../store/instance/installed-records.ts'
import { deleteDeletedInvocations, listDeletedIds } from '../../../store/report/known-invocations.ts'
import type { AppContext } from '../context.ts'
import type { EndReport } from './report.ts'

/**
 * Applies ends of invocations that are not in the database (their execution was deleted, or started
 * after the restored backup): they still report the installed state.
 */
export async function applyOrphans(
  { database: connection, digests }: Pick<AppContext, 'digests'> & { readonly database: Connection },
  ends: readonly EndReport[],
): Promise<void> {
  const withState = ends.filter(({ extension, outcome }) => extension && outcome.installed)
  if (ends.length === 0) return
  const ids = await listDeletedIds(
    connection,
    ends.map(({ invocationId }) => invocationId),
  )
  if (ids.length === 0) return
  await deleteDeletedInvocations(connection, ids)
  const deleted = new Set<InvocationId>(ids)
  const orphans = withState.filter(({ invocationId }) => deleted.has(invocationId))
  const known = Map.groupBy(
    await listKnownStates(connection, [...new Set(orphans.map(({ instanceId }) => instanceId))]),
    ({ instanceId }) => instanceId,
  )
  // Of several ends for one extension the last one counts.
  const last = new Map(orphans.map((end) => [`${end.instanceId} ${end.extension?.id}`, end]))
  await applyInstalledRecords(
    connection,
    [...last.values()].flatMap((end) => findDifference(end, known, digests)),
  )
}

function findDifference(
  { instanceId, extension, outcome: { installed } }: EndReport,
  known: ReadonlyMap<InstanceId, Parameters<typeof compareInstalled>[0]>,
  digests: AppContext['digests'],
) {
  if (!extension || !installed) return []
  const { id: extensionId, name: extensionName } = extension
  const expected = known.get(instanceId)?.filter((state) => state.extensionId === extensionId) ?? []
  const found =
    installed.status === 'absent'
      ? []
      : [{ extensionId, ...installed, parametersDigest: digests.rekey(installed.parametersDigest) }]
  return compareInstalled(expected, found).map((difference) => ({ ...difference, instanceId, extensionName }))
}
