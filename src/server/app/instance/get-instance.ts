import { chandlerError } from '../../../core/error/errors.ts'
import type { InstanceId } from '../../../core/id.ts'
import { preferApproved } from '../../../core/instance/agent-identity.ts'
import { type DriftRow, listDrift } from '../../../store/instance/installed-records.ts'
import { type InstalledStateRow, listInstalledStates } from '../../../store/instance/installed-states.ts'
import { getInstanceRow as getRow, type InstanceRow, listInstancesByAnyId } from '../../../store/instance/instances.ts'
import type { Actor, AppContext } from '../context.ts'
import { maskSealed } from '../plan/shown-values.ts'

/** The installed extensions of an instance; secret values are masked. */
export type InstalledView = Omit<InstalledStateRow, 'sealed'>

/** An instance with its installed extensions. */
export type InstanceRecord = InstanceRow & { readonly extensions: readonly InstalledView[] }

/** Number of shown differences, newest first; older ones add nothing. */
const shownDrift = 20

/** Includes the differences between its records and the known state. @throws InstanceNotFound */
export async function getInstanceDetail(
  context: Pick<AppContext, 'database' | 'secrets' | 'log'>,
  actor: Actor,
  id: string,
): Promise<InstanceRecord & { readonly drift: readonly DriftRow[] }> {
  const view = await getInstance(context, actor, id)
  return { ...view, drift: await listDrift(context.database, view.id, shownDrift) }
}

/** @throws InstanceNotFound */
export async function getInstance(
  context: Pick<AppContext, 'database' | 'secrets' | 'log'>,
  actor: Actor,
  id: string,
): Promise<InstanceRecord> {
  const row = await getRow(context.database, actor.accountId, id)
  if (!row) throw chandlerError('InstanceNotFound', { id })
  const [view] = await withExtensions(context, actor, [row])
  return view!
}

/**
 * The instances that the ids match: by their own id, which takes precedence, or by their cloud's.
 * An instance that waits for approval cannot make the cloud id of an approved one ambiguous.
 */
export async function matchInstanceIds(
  { database }: Pick<AppContext, 'database'>,
  { accountId }: Pick<Actor, 'accountId'>,
  names: readonly string[],
): Promise<ReadonlyMap<string, readonly InstanceId[]>> {
  const rows = await listInstancesByAnyId(database, accountId, names)
  const own = new Map(rows.map(({ id }) => [id as string, id]))
  const byCloudId = Map.groupBy(rows, ({ cloudId }) => cloudId)
  return new Map(
    names.map((name) => {
      const found = own.get(name)
      return [name, found ? [found] : preferApproved(byCloudId.get(name) ?? []).map(({ id }) => id)]
    }),
  )
}

/**
 * The instance of each id; a cloud id that two instances report matches neither.
 * @throws InstanceNotFound, InstanceAmbiguous
 */
export async function findInstanceIds(
  context: Pick<AppContext, 'database'>,
  actor: Pick<Actor, 'accountId'>,
  names: readonly string[],
): Promise<ReadonlyMap<string, InstanceId>> {
  const matches = await matchInstanceIds(context, actor, names)
  return new Map(
    [...matches].map(([name, [first, second]]) => {
      if (!first) throw chandlerError('InstanceNotFound', { id: name })
      if (second) throw chandlerError('InstanceAmbiguous', { id: name, first, second })
      return [name, first]
    }),
  )
}

/** Instances with their installed extensions. */
export async function withExtensions<Row extends InstanceRow>(
  context: Pick<AppContext, 'database' | 'secrets' | 'log'>,
  actor: Actor,
  rows: readonly Row[],
): Promise<(Row & InstanceRecord)[]> {
  const states = await listInstalledStates(
    context.database,
    actor.accountId,
    rows.map(({ id }) => id),
  )
  const shown = states.map(({ sealed, parameters, ...state }) => ({
    ...state,
    parameters: { ...parameters, ...maskSealed(context, sealed, state.executionId) },
  }))
  const byInstance = Map.groupBy(shown, ({ instanceId }) => instanceId)
  return rows.map((row) => ({ ...row, extensions: byInstance.get(row.id) ?? [] }))
}
