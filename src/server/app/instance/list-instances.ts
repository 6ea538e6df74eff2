import { chandlerError } from '../../../core/error/errors.ts'
import { parseVersion } from '../../../core/extension/extension.ts'
import type { InstanceStatus } from '../../../core/instance/instance.ts'
import { type FilterToken, parseInstanceFilter } from '../../../core/instance/instance-filter.ts'
import { parseSelector } from '../../../core/plan/targets.ts'
import {
  countFilteredInstances,
  type InstanceListFilter,
  type InstanceOrder,
  type InstanceRowPage,
  listInstanceRows as listRows,
  type PlacedInstance,
} from '../../../store/instance/instance-lists.ts'
import { findPermitted } from '../access/object-access.ts'
import type { Actor, AppContext } from '../context.ts'
import { requireKnownTokens, resolveTargets } from '../plan/require-known.ts'
import { type InstanceRecord, withExtensions } from './get-instance.ts'

export type { InstanceOrder, InstanceRowPage as InstancePage }
export type ListedInstance = PlacedInstance & InstanceRecord

type ListContext = Pick<AppContext, 'database' | 'clock' | 'region' | 'accountName'>

export interface InstanceListRequest {
  /** A selector as text, such as `tag:env=prod`. */
  readonly targets?: string | undefined
  readonly status?: InstanceStatus | undefined
  /** A substring of the name. */
  readonly name?: string | undefined
  /** Has this extension installed, in this version if given. */
  readonly extension?: string | undefined
  readonly version?: string | undefined
  /** Conditions as text; see core/instance/instance-filter.ts. */
  readonly filter?: string | undefined
  /** A substring of the name, an id, the host name or an address. */
  readonly search?: string | undefined
}

/**
 * A sorted page of the instances that the actor may see, each with its installed extensions.
 * @throws SelectorInvalid, RequestInvalid, and errors of `requireKnownTokens`
 */
export async function listInstances(
  context: ListContext & Pick<AppContext, 'secrets' | 'log'>,
  actor: Actor,
  request: InstanceListRequest,
  page: InstanceRowPage,
): Promise<ListedInstance[]> {
  const rows = await listRows(context.database, await findFilter(context, actor, request), page)
  return withExtensions(context, actor, rows)
}

/** Counting more would take longer than a page may; this is the largest supported fleet. */
const maxCounted = 100_000

/** The number of matching instances; not exact above the limit. */
export async function countInstances(
  context: ListContext,
  actor: Actor,
  request: InstanceListRequest,
): Promise<{ count: number; isExact: boolean }> {
  const counted = await countFilteredInstances(
    context.database,
    await findFilter(context, actor, request),
    maxCounted + 1,
  )
  return { count: Math.min(counted, maxCounted), isExact: counted <= maxCounted }
}

/** Rows per query while all are iterated. */
const rowsAtOnce = 1_000

/**
 * Iterates over all matching instances in pages, by name. Instances that are added or removed
 * meanwhile may be missing or included.
 */
export async function* allInstances(
  context: ListContext & Pick<AppContext, 'secrets' | 'log'>,
  actor: Actor,
  request: InstanceListRequest,
): AsyncGenerator<readonly ListedInstance[], void> {
  let beyond: InstanceRowPage['beyond']
  for (;;) {
    const page = { order: { by: 'name', ascending: true }, beyond, limit: rowsAtOnce } as const
    const rows = await listInstances(context, actor, request, page)
    if (rows.length > 0) yield rows
    const last = rows.at(-1)
    if (rows.length < rowsAtOnce || !last) return
    beyond = { place: last.place, direction: 'after' }
  }
}

async function findFilter(
  context: ListContext,
  actor: Actor,
  request: InstanceListRequest,
): Promise<InstanceListFilter> {
  const { database } = context
  const { status, name, search } = request
  const asked = findTargets(request.targets)
  const tokens = [...findTokens(request.filter), ...findExtension(request)]
  const targets = asked && (await resolveTargets({ database }, actor, asked))
  await requireKnownTokens({ database }, actor, tokens)
  const permitted = findPermitted(context, actor, 'ecs:DescribeInstances', 'instance')
  return { accountId: actor.accountId, permitted, targets, status, name, search, tokens }
}

function findTargets(selector: string | undefined) {
  if (selector === undefined) return undefined
  const parsed = parseSelector(selector)
  if ('problem' in parsed) throw chandlerError('SelectorInvalid', { selector, reason: parsed.problem })
  return parsed.targets
}

function findTokens(filter: string | undefined): readonly FilterToken[] {
  const parsed = parseInstanceFilter(filter ?? '')
  if ('problem' in parsed) throw chandlerError('RequestInvalid', { reason: `the filter: ${parsed.problem}` })
  return parsed.tokens
}

function findExtension({ extension, version: label }: InstanceListRequest): FilterToken[] {
  if (extension === undefined) {
    if (label === undefined) return []
    throw chandlerError('RequestInvalid', { reason: 'version requires extension' })
  }
  const version = label === undefined ? undefined : parseVersion(label)
  return [{ property: 'extension', operator: '=', extension, version }]
}
