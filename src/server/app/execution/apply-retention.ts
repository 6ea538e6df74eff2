import { outputRetentionMs, type Retention } from '../../../core/execution/retention.ts'
import { listAccountIds } from '../../../store/access/accounts.ts'
import type { Database } from '../../../store/database/database.ts'
import {
  countExpiredRows,
  deleteExpiredExecution,
  deleteExpiredOutput,
  type ExpiredExecution,
  expireOutput,
  listExpiringOutput,
  updateOutputGone,
} from '../../../store/execution/retention.ts'
import { removeOldAuditEntries } from '../access/audit/audit-chain.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { AppContext } from '../context.ts'
import { removeAllDeleted } from './remove-deleted.ts'

/** The number of removed records by kind. */
export interface RetentionResult {
  /** Number of executions whose output was removed. */
  readonly outputs: number
  readonly executions: number
  readonly auditEntries: number
}

/** A pause between two steps, so that requests of users take precedence. */
const pauseMs = 10

/**
 * Removes deleted executions and expired records: output, executions, entries of the audit log,
 * each step in a short transaction. It can be stopped at any step (`signal`) and run beside other
 * servers: the next round continues. Every removed execution has an entry in the audit log.
 */
export async function applyRetention(
  { database, clock }: Pick<AppContext, 'database' | 'clock'>,
  retention: Retention,
  signal: AbortSignal = new AbortController().signal,
): Promise<RetentionResult> {
  /** Repeats a step until nothing is left; returns the number of steps. */
  async function repeat(step: () => Promise<boolean>): Promise<number> {
    let count = 0
    while (!signal.aborted && (await step())) {
      count++
      await clock.wait(pauseMs, signal)
    }
    return count
  }

  let [isFirst, outputs] = [true, 0]
  await removeAllDeleted(database, async () => {
    if (!isFirst) await clock.wait(pauseMs, signal)
    isFirst = false
    return !signal.aborted
  })
  for (const id of await listExpiringOutput(database)) {
    if (signal.aborted) break
    await removeOutput(database, id, repeat, signal)
    outputs++
  }
  const outputMs = outputRetentionMs(retention)
  if (outputMs !== undefined) {
    outputs += await repeat(async () => {
      const id = await expireOutput(database, outputMs)
      if (id !== undefined) await removeOutput(database, id, repeat, signal)
      return id !== undefined
    })
  }
  const { executionsMs, auditLogMs } = retention
  let executions = 0
  if (executionsMs !== undefined) {
    await repeat(async () => {
      const step = await removeSome(database, executionsMs)
      if (step?.isRemoved) executions++
      return step !== undefined
    })
  }
  let auditEntries = 0
  if (auditLogMs !== undefined) {
    for (const accountId of await listAccountIds(database)) {
      await repeat(async () => {
        const removed = await removeOldAuditEntries({ database }, accountId, auditLogMs)
        auditEntries += removed
        return removed > 0
      })
    }
  }
  return { outputs, executions, auditEntries }
}

/** Counts what `applyRetention` would remove now. */
export const countExpired = (database: Database, retention: Retention): Promise<RetentionResult> =>
  countExpiredRows(database, { ...retention, outputMs: outputRetentionMs(retention) })

async function removeOutput(
  database: Database,
  id: Parameters<typeof deleteExpiredOutput>[1],
  repeat: (step: () => Promise<boolean>) => Promise<number>,
  signal: AbortSignal,
): Promise<void> {
  await repeat(async () => (await deleteExpiredOutput(database, id)) > 0)
  if (!signal.aborted) await updateOutputGone(database, id)
}

const removeSome = (database: Database, olderThanMs: number): Promise<ExpiredExecution | undefined> =>
  database.transaction().execute(async (transaction) => {
    const expired = await deleteExpiredExecution(transaction, olderThanMs)
    if (expired?.isRemoved) {
      const actor = { accountId: expired.accountId, name: 'retention', source: 'retention' }
      await writeAudit(transaction, actor, 'DeleteExecution', `execution/${expired.id}`, { olderThanMs })
    }
    return expired
  })
