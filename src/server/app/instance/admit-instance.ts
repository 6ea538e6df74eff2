import { chandlerError } from '../../../core/error/errors.ts'
import type { InstanceId } from '../../../core/id.ts'
import { approveInstanceRow as approve, releaseInstanceRow as release } from '../../../store/instance/admissions.ts'
import { getInstanceRow as getRow, removeInstanceRow } from '../../../store/instance/instances.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'
import { getInstance, type InstanceRecord } from './get-instance.ts'

type Context = Pick<AppContext, 'database' | 'clock' | 'log' | 'secrets' | 'changed' | 'disconnect' | 'reconnect'>

/**
 * Admits an instance that joined with a token that requires approval. If its agent is connected, it
 * sends a new hello: its inventory was not reconciled while the instance was pending.
 * @throws InstanceNotFound, InstanceNotPending
 */
export async function approveInstance(context: Context, actor: Actor, id: string): Promise<InstanceRecord> {
  await context.database.transaction().execute(async (transaction) => {
    if (!(await getRow(transaction, actor.accountId, id))) throw chandlerError('InstanceNotFound', { id })
    if (!(await approve(transaction, actor.accountId, id))) throw chandlerError('InstanceNotPending', { id })
    await writeAudit(transaction, actor, 'ApproveInstance', `instance/${id}`)
  })
  return showAndReconnect(context, actor, id)
}

/**
 * Removes an instance that waits for approval and therefore never got work. @throws
 * InstanceNotFound, InstanceNotPending
 */
export async function rejectInstance(context: Context, actor: Actor, id: string): Promise<void> {
  const { database, clock, disconnect, changed } = context
  await database.transaction().execute(async (transaction) => {
    const row = await getRow(transaction, actor.accountId, id)
    if (!row) throw chandlerError('InstanceNotFound', { id })
    if (row.admission !== 'pending') throw chandlerError('InstanceNotPending', { id })
    await removeInstanceRow(transaction, actor.accountId, id, new Date(clock.now()))
    await writeAudit(transaction, actor, 'RejectInstance', `instance/${id}`, { name: row.name })
  })
  disconnect([id as InstanceId])
  changed([`instances/${actor.accountId}`])
}

/**
 * Ends the quarantine of an instance, after its agent has sent a new hello: its inventory was not
 * reconciled meanwhile.
 * @throws InstanceNotFound, InstanceNotQuarantined
 */
export async function releaseInstance(context: Context, actor: Actor, id: string): Promise<InstanceRecord> {
  await context.database.transaction().execute(async (transaction) => {
    const row = await getRow(transaction, actor.accountId, id)
    if (!row) throw chandlerError('InstanceNotFound', { id })
    const released = await release(transaction, actor.accountId, id)
    if (!released) throw chandlerError('InstanceNotQuarantined', { id })
    await writeAudit(transaction, actor, 'ReleaseInstance', `instance/${id}`, {
      ...released,
      was: row.admissionReason.map(({ code }) => code),
    })
  })
  return showAndReconnect(context, actor, id)
}

/** Returns the current state: while the agent reconnects, the instance counts as offline. */
async function showAndReconnect(context: Context, actor: Actor, id: string): Promise<InstanceRecord> {
  context.changed([`instances/${actor.accountId}`])
  const view = await getInstance(context, actor, id)
  context.reconnect([id as InstanceId])
  return view
}
