import { chandlerError } from '../../core/errors.ts'
import { parseVersion } from '../../core/extension.ts'
import type { InstanceId } from '../../core/id.ts'
import type { InstanceStatus } from '../../core/instance.ts'
import { parseSelector } from '../../core/targets.ts'
import type { Connection } from '../../store/database.ts'
import { getExtensionByName } from '../../store/extensions.ts'
import { type InstalledStateRow, listInstalledStates } from '../../store/installed-states.ts'
import {
  getInstance as getRow,
  type InstanceFilter,
  type InstanceRow,
  listInstancesByAnyId,
  listInstances as listRows,
} from '../../store/instances.ts'
import type { Actor, AppContext } from './context.ts'

export type InstanceView = InstanceRow & { readonly extensions: readonly InstalledStateRow[] }

export interface InstanceQuestion {
  /** A selector as text, such as `tag:env=prod`. */
  readonly targets?: string | undefined
  readonly status?: InstanceStatus | undefined
  /** A part of the name. */
  readonly name?: string | undefined
  /** Has this extension installed, in this version if one is given. */
  readonly extension?: string | undefined
  readonly version?: string | undefined
  readonly after?: { readonly name: string; readonly id: string } | undefined
  readonly limit: number
}

/**
 * The account's instances in the order of their names, each with what it has installed.
 * @throws SelectorInvalid, ExtensionNotFound, RequestInvalid
 */
export async function listInstances(
  { database }: Pick<AppContext, 'database'>,
  actor: Actor,
  question: InstanceQuestion,
): Promise<InstanceView[]> {
  const { status, name, after, limit } = question
  const rows = await listRows(database, {
    accountId: actor.accountId,
    targets: findTargets(question.targets),
    installed: await findInstalled(database, actor, question),
    status,
    name,
    after,
    limit,
  })
  return withExtensions(database, actor, rows)
}

/** @throws InstanceNotFound */
export async function getInstance(
  { database }: Pick<AppContext, 'database'>,
  actor: Actor,
  id: string,
): Promise<InstanceView> {
  const row = await getRow(database, actor.accountId, id)
  if (!row) throw chandlerError('InstanceNotFound', { id })
  const [view] = await withExtensions(database, actor, [row])
  return view as InstanceView
}

/** The instances that ids may mean: their own, which go first, or those that their clouds gave them. */
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
      return [name, found ? [found] : (byCloudId.get(name) ?? []).map(({ id }) => id)]
    }),
  )
}

/**
 * The instance that each id means; an id of a cloud that two instances say they have means neither.
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

function findTargets(selector: string | undefined) {
  if (selector === undefined) return undefined
  const parsed = parseSelector(selector)
  if ('problem' in parsed) throw chandlerError('SelectorInvalid', { selector, reason: parsed.problem })
  return parsed.targets
}

async function findInstalled(
  database: Connection,
  actor: Actor,
  { extension: name, version: label }: InstanceQuestion,
): Promise<InstanceFilter['installed']> {
  if (name === undefined) {
    if (label === undefined) return undefined
    throw chandlerError('RequestInvalid', { reason: 'version says nothing without extension' })
  }
  const extension = await getExtensionByName(database, actor.accountId, name)
  if (!extension) throw chandlerError('ExtensionNotFound', { name })
  const version = label === undefined ? undefined : parseVersion(label)
  return { extensionId: extension.id, version }
}

async function withExtensions(
  database: Connection,
  actor: Actor,
  rows: readonly InstanceRow[],
): Promise<InstanceView[]> {
  const states = await listInstalledStates(
    database,
    actor.accountId,
    rows.map(({ id }) => id),
  )
  const byInstance = Map.groupBy(states, ({ instanceId }) => instanceId)
  return rows.map((row) => ({ ...row, extensions: byInstance.get(row.id) ?? [] }))
}
