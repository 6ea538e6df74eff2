import { outranks } from '../../../core/assignment/assignment.ts'
import { ChandlerError } from '../../../core/error/errors.ts'
import type { AccountId, InstanceId } from '../../../core/id.ts'
import { findMembersAmong } from '../../../store/assignment/assignment-facts.ts'
import { type AssignmentRow, listAssignmentRows } from '../../../store/assignment/assignments.ts'
import { type AwaitingInstance, listAwaitingInstances, setAwaited } from '../../../store/instance/boot-profiles.ts'
import type { AppContext } from '../context.ts'
import { readGroupTokens } from '../instance/groups.ts'
import { planAssignment } from './evaluate-assignments.ts'
import { isHeld } from './is-held.ts'

/** Instances per round: a fleet that joins at once is worked off in pieces. */
const pieceSize = 500

/**
 * Finds which assignments the instances that have joined still await. One that awaits none is
 * ready, and stays so whatever is assigned to it later. A halted assignment is awaited, too.
 */
export async function settleBoots(context: AppContext): Promise<void> {
  const awaiting = await listAwaitingInstances(context.database, pieceSize)
  for (const [accountId, instances] of Map.groupBy(awaiting, (one) => one.accountId))
    await settleAccount(context, accountId, instances)
}

async function settleAccount(
  context: AppContext,
  accountId: AccountId,
  instances: readonly AwaitingInstance[],
): Promise<void> {
  const { database } = context
  const rows = await listAssignmentRows(database, accountId)
  const awaited = new Map<InstanceId, string[]>(instances.map(({ id }) => [id, []]))
  for (const row of rows)
    for (const id of await findNotHeld(context, row, rows, [...awaited.keys()])) awaited.get(id)?.push(row.name)
  let isChanged = false
  for (const { id, awaited: before } of instances) {
    const names = awaited.get(id) ?? []
    if (names.length > 0 && names.join() === before.join()) continue
    await setAwaited(database, id, names.length > 0 ? names : null)
    isChanged = true
  }
  if (isChanged) context.changed([`instances/${accountId}`])
}

/** Those of the instances to which an assignment applies, and on which it does not hold. */
async function findNotHeld(
  context: AppContext,
  row: AssignmentRow,
  all: readonly AssignmentRow[],
  ids: readonly InstanceId[],
): Promise<readonly InstanceId[]> {
  const { database } = context
  const stronger = all.filter((one) => one.id !== row.id && one.extension === row.extension && outranks(one, row))
  const rivals = []
  for (const { group } of stronger) rivals.push(await readGroupTokens(database, row.accountId, group))
  const tokens = await readGroupTokens(database, row.accountId, row.group)
  const members = await findMembersAmong(database, row.accountId, ids, tokens, rivals)
  if (members.length === 0) return []
  try {
    const planned = await planAssignment(context, row, members)
    return planned.filter((target) => !isHeld(target)).map(({ instanceId }) => instanceId)
  } catch (error) {
    // It is blocked; its page says why.
    if (error instanceof ChandlerError) return members
    throw error
  }
}
