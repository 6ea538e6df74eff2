import { chandlerError } from '../../../core/error/errors.ts'
import type { AccountId } from '../../../core/id.ts'
import { everyInstance, parseGroupFilter } from '../../../core/instance/group.ts'
import { type FilterToken, renderInstanceFilter } from '../../../core/instance/instance-filter.ts'
import { maxGroupsPerAccount } from '../../../core/limits.ts'
import { listAssignmentsOfGroup } from '../../../store/assignment/assignments.ts'
import { deleteValuesOfSubject } from '../../../store/assignment/declared-values.ts'
import type { Connection } from '../../../store/database/database.ts'
import {
  countEach,
  countGroups,
  countMatching,
  deleteGroup,
  type GroupRow,
  getGroupRow,
  insertGroup,
  listGroupRows,
  updateGroup,
} from '../../../store/instance/groups.ts'
import { findPermitted } from '../access/object-access.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'
import { requireKnownTokens } from '../plan/require-known.ts'

/** A group with the counts of the instances that the actor may see. */
export interface GroupRecord extends GroupRow {
  readonly matching: number
  readonly offline: number
}

export interface GroupRequest {
  readonly name: string
  /** `all`, or conditions as in core/instance/instance-filter.ts. */
  readonly filter: string
  readonly description: string
}

/** The groups of the account, by name. */
export async function readGroups(context: AppContext, actor: Actor): Promise<GroupRecord[]> {
  const rows = await listGroupRows(context.database, actor.accountId)
  const permitted = findPermitted(context, actor, 'ecs:DescribeInstances', 'instance')
  const conditions = rows.map(readTokens)
  const counted = await countEach(context.database, actor.accountId, conditions, permitted)
  return rows.map((row, index) => ({ ...row, ...(counted[index] ?? { matching: 0, offline: 0 }) }))
}

/** @throws GroupNotFound */
export async function readGroup(context: AppContext, actor: Actor, name: string): Promise<GroupRecord> {
  const row = await getGroupRow(context.database, actor.accountId, name)
  if (!row) throw chandlerError('GroupNotFound', { name })
  return withCounts(context, actor, row)
}

/** @throws GroupExists, GroupsTooMany, GroupInvalid, and errors of `requireKnownTokens` */
export async function createGroup(context: AppContext, actor: Actor, request: GroupRequest): Promise<GroupRecord> {
  const { name, description } = request
  const { filter, size } = await checkFilter(context, actor, request)
  await context.database.transaction().execute(async (transaction) => {
    if ((await countGroups(transaction, actor.accountId)) >= maxGroupsPerAccount)
      throw chandlerError('GroupsTooMany', { max: maxGroupsPerAccount })
    const row = { name, description, filter, known: size, createdBy: actor.name }
    if (!(await insertGroup(transaction, actor.accountId, row))) throw chandlerError('GroupExists', { name })
    await writeAudit(transaction, actor, 'CreateGroup', `group/${name}`, { filter, ...size })
  })
  return readGroup(context, actor, name)
}

/**
 * Changes the given fields.
 * @throws GroupNotFound, GroupInvalid, and errors of `requireKnownTokens`
 */
export async function changeGroup(
  context: AppContext,
  actor: Actor,
  {
    name,
    ...change
  }: { readonly name: string; readonly filter?: string | undefined; readonly description?: string | undefined },
): Promise<GroupRecord> {
  const row = await getGroupRow(context.database, actor.accountId, name)
  if (!row) throw chandlerError('GroupNotFound', { name })
  const wanted = { name, filter: change.filter ?? row.filter, description: change.description ?? row.description }
  const { filter, size } = await checkFilter(context, actor, wanted)
  // A new filter is confirmed by the one who gives it.
  const known = filter === row.filter ? row.known : size
  await context.database.transaction().execute(async (transaction) => {
    if (!(await updateGroup(transaction, actor.accountId, { ...wanted, filter, known })))
      throw chandlerError('GroupNotFound', { name })
    await writeAudit(transaction, actor, 'UpdateGroup', `group/${name}`, { filter, ...size })
  })
  return readGroup(context, actor, name)
}

/**
 * The conditions of a group.
 * @throws GroupNotFound
 */
export async function readGroupTokens(
  connection: Connection,
  accountId: AccountId,
  name: string,
): Promise<readonly FilterToken[]> {
  const row = await getGroupRow(connection, accountId, name)
  if (!row) throw chandlerError('GroupNotFound', { name })
  return readTokens(row)
}

/** @throws GroupNotFound, GroupInUse */
export async function removeGroup({ database }: AppContext, actor: Actor, name: string): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    const users = await listAssignmentsOfGroup(transaction, actor.accountId, name)
    if (users.length > 0)
      throw chandlerError('GroupInUse', { name, assignments: users.join(', ') }, { assignments: users })
    if (!(await deleteGroup(transaction, actor.accountId, name))) throw chandlerError('GroupNotFound', { name })
    await deleteValuesOfSubject(transaction, actor.accountId, { scope: 'group', subject: name })
    await writeAudit(transaction, actor, 'DeleteGroup', `group/${name}`, {})
  })
}

function readTokens({ name, filter }: GroupRow) {
  const parsed = parseGroupFilter(filter)
  if ('problem' in parsed) throw new Error(`the stored filter of group ${name} cannot be parsed: ${parsed.problem}`)
  return parsed.tokens
}

async function withCounts(context: AppContext, actor: Actor, row: GroupRow): Promise<GroupRecord> {
  const permitted = findPermitted(context, actor, 'ecs:DescribeInstances', 'instance')
  const { matching, offline } = await countMatching(context.database, actor.accountId, readTokens(row), permitted)
  return { ...row, matching, offline }
}

async function checkFilter(context: AppContext, actor: Actor, { name, filter }: GroupRequest) {
  const parsed = parseGroupFilter(filter)
  if ('problem' in parsed) throw chandlerError('GroupInvalid', { name, reason: parsed.problem })
  await requireKnownTokens(context, actor, parsed.tokens)
  const { matching, total } = await countMatching(context.database, actor.accountId, parsed.tokens)
  const text = parsed.tokens.length === 0 ? everyInstance : renderInstanceFilter(parsed.tokens)
  return { filter: text, size: { matching, total } }
}
