import { chandlerError } from '../../../core/error/errors.ts'
import { makeFreezeId } from '../../../core/id.ts'
import { listOpenExecutionIds } from '../../../store/execution/executions.ts'
import { deleteFreeze, type FreezeRow, insertFreeze, listFreezes, updateFreeze } from '../../../store/timing/freezes.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'

export type { FreezeRow }

/** A time in which nothing starts in the account. */
export interface FreezeRequest {
  readonly name: string
  /** Absent: now. */
  readonly beginsAt?: Date | undefined
  readonly endsAt: Date
}

/** The freezes that have not ended. */
export const readFreezes = ({ database, clock }: AppContext, { accountId }: Actor): Promise<FreezeRow[]> =>
  listFreezes(database, accountId, new Date(clock.now()))

function checkTimes(name: string, { begins, ends }: { readonly begins: Date; readonly ends: Date }, now: Date): void {
  if (ends <= begins) throw chandlerError('FreezeInvalid', { name, reason: 'it ends before it begins' })
  if (ends <= now) throw chandlerError('FreezeInvalid', { name, reason: 'it has already ended' })
}

/**
 * Changes the times of a freeze, or creates it. An absent begin is that of the existing freeze.
 * @throws FreezeInvalid, FreezeExists if it is created at the same time
 */
export async function putFreeze(context: AppContext, actor: Actor, request: FreezeRequest): Promise<FreezeRow> {
  const { name, beginsAt, endsAt } = request
  const now = new Date(context.clock.now())
  const changed = await context.database.transaction().execute(async (transaction) => {
    const times = { ...(beginsAt && { begins_at: beginsAt }), ends_at: endsAt }
    const updated = await updateFreeze(transaction, { account_id: actor.accountId, name }, times, now)
    if (!updated) return undefined
    checkTimes(name, { begins: updated.begins_at, ends: endsAt }, now)
    await writeAudit(transaction, actor, 'UpdateFreeze', `freeze/${name}`, {
      beginsAt: updated.begins_at.toISOString(),
      endsAt: endsAt.toISOString(),
    })
    return updated
  })
  if (!changed) return createFreeze(context, actor, request)
  context.poke(await listOpenExecutionIds(context.database))
  return changed
}

/** @throws FreezeInvalid, FreezeExists */
export async function createFreeze(
  context: AppContext,
  actor: Actor,
  { name, beginsAt, endsAt }: FreezeRequest,
): Promise<FreezeRow> {
  const now = new Date(context.clock.now())
  const begins = beginsAt ?? now
  checkTimes(name, { begins, ends: endsAt }, now)
  const id = makeFreezeId(context.random)
  const freeze = { id, account_id: actor.accountId, name, begins_at: begins, ends_at: endsAt, created_by: actor.name }
  await context.database.transaction().execute(async (transaction) => {
    if (!(await insertFreeze(transaction, freeze, now))) throw chandlerError('FreezeExists', { name })
    await writeAudit(transaction, actor, 'CreateFreeze', `freeze/${name}`, {
      beginsAt: begins.toISOString(),
      endsAt: endsAt.toISOString(),
    })
  })
  return { ...freeze, created_at: now }
}

/**
 * Ends a freeze now: executions that waited for its end continue.
 * @throws FreezeNotFound
 */
export async function removeFreeze(context: AppContext, actor: Actor, name: string): Promise<void> {
  await context.database.transaction().execute(async (transaction) => {
    if (!(await deleteFreeze(transaction, actor.accountId, name))) throw chandlerError('FreezeNotFound', { name })
    await writeAudit(transaction, actor, 'DeleteFreeze', `freeze/${name}`, {})
  })
  context.poke(await listOpenExecutionIds(context.database))
}
