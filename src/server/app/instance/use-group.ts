import { chandlerError } from '../../../core/error/errors.ts'
import { type GroupSize, judgeGroupSize, parseGroupFilter } from '../../../core/instance/group.ts'
import type { Connection } from '../../../store/database/database.ts'
import { countMatching, getGroupRow, updateKnownSize } from '../../../store/instance/groups.ts'
import type { Actor } from '../context.ts'

/** What a group matches now, of all instances of the account, whatever the actor may see. */
export interface GroupUse {
  readonly name: string
  readonly size: GroupSize
  readonly known: GroupSize
  readonly isUnusual: boolean
}

/** @throws GroupNotFound */
export async function readGroupUse(
  { database }: { readonly database: Connection },
  { accountId }: Pick<Actor, 'accountId'>,
  name: string,
): Promise<GroupUse> {
  const group = await getGroupRow(database, accountId, name)
  if (!group) throw chandlerError('GroupNotFound', { name })
  const parsed = parseGroupFilter(group.filter)
  if ('problem' in parsed) throw new Error(`the stored filter of group ${name} cannot be parsed: ${parsed.problem}`)
  const { matching, total } = await countMatching(database, accountId, parsed.tokens)
  const size = { matching, total }
  return { name, size, known: group.known, isUnusual: judgeGroupSize(size, group.known) !== 'usual' }
}

/**
 * Records the use of a group.
 * @throws GroupUnconfirmed if it suddenly matches every instance and nobody has confirmed that
 */
export async function recordGroupUse(
  connection: Connection,
  { accountId }: Pick<Actor, 'accountId'>,
  { name, size, known, isUnusual }: GroupUse,
  { isConfirmed }: { readonly isConfirmed: boolean },
): Promise<void> {
  if (isUnusual && !isConfirmed)
    throw chandlerError('GroupUnconfirmed', { name, total: size.total, matching: known.matching, known: known.total })
  await updateKnownSize(connection, accountId, name, size)
}
