import type { AccountId } from '../../../../core/id.ts'
import { listAccountIds } from '../../../../store/access/accounts.ts'
import {
  type AuditExport,
  type ChainedRow,
  getAuditChain,
  leaseAuditExport,
  listAuditExports,
  listChainedEntries,
  updateAuditExport,
} from '../../../../store/access/audit-chain.ts'
import type { Actor, AppContext } from '../../context.ts'

/** An entry as it is exported: with its place in the chain. */
export interface ExportedAuditEntry extends Omit<ChainedRow, 'accessKeyId'> {
  readonly accountId: AccountId
  /** ISO 8601, in milliseconds. */
  readonly at: string
  readonly accessKeyId?: string
}

/** Receives audit log entries outside of the database. */
export interface AuditReceiver {
  /** Identifies it in the database; contains no credentials. */
  readonly name: string
  /**
   * Resolves when all entries are delivered. After an error the same entries are delivered again:
   * receivers recognise them by `accountId` and `seq`.
   */
  deliver(entries: readonly ExportedAuditEntry[]): Promise<void>
}

const entriesPerDelivery = 500
/** Longer than a delivery may take; after a crash another server continues then. */
const leaseMs = 60_000

const presentChained = (accountId: AccountId, { accessKeyId, ...entry }: ChainedRow): ExportedAuditEntry => ({
  accountId,
  ...entry,
  at: new Date(entry.atMicros / 1_000).toISOString(),
  ...(accessKeyId === null ? {} : { accessKeyId }),
})

/**
 * Delivers what a receiver has not got yet, in order. The position is in the database: nothing is
 * lost while the receiver is away or a server dies, and servers take turns.
 * @throws what the receiver throws; the failure is recorded
 */
export async function exportAuditLog(
  { database }: Pick<AppContext, 'database'>,
  receiver: AuditReceiver,
  signal: AbortSignal,
): Promise<void> {
  for (const accountId of await listAccountIds(database)) {
    const end = (await getAuditChain(database, accountId))?.last.seq ?? 0
    const known = (await listAuditExports(database, accountId)).find((one) => one.receiver === receiver.name)
    if (end <= (known?.seq ?? 0)) continue
    let seq = await leaseAuditExport(database, accountId, receiver.name, leaseMs)
    while (seq !== undefined && !signal.aborted) {
      const entries = await listChainedEntries(database, accountId, { after: seq, limit: entriesPerDelivery })
      try {
        if (entries.length > 0) await receiver.deliver(entries.map((entry) => presentChained(accountId, entry)))
      } catch (error) {
        const failure = error instanceof Error ? error.message : String(error)
        await updateAuditExport(database, accountId, receiver.name, { seq, failure })
        throw error
      }
      seq = entries.at(-1)?.seq ?? seq
      await updateAuditExport(database, accountId, receiver.name, { seq, failure: '' })
      if (entries.length < entriesPerDelivery) break
      seq = await leaseAuditExport(database, accountId, receiver.name, leaseMs)
    }
  }
}

/** How far each receiver is. */
export async function listExports(
  { database }: Pick<AppContext, 'database'>,
  { accountId }: Pick<Actor, 'accountId'>,
): Promise<(AuditExport & { readonly behind: number })[]> {
  const end = (await getAuditChain(database, accountId))?.last.seq ?? 0
  const exports = await listAuditExports(database, accountId)
  return exports.map((one) => ({ ...one, behind: Math.max(0, end - one.seq) }))
}

/** Entries after a place of the chain, as they are exported. */
export async function listChain(
  { database }: Pick<AppContext, 'database'>,
  { accountId }: Pick<Actor, 'accountId'>,
  page: { readonly after: number; readonly limit: number },
): Promise<ExportedAuditEntry[]> {
  return (await listChainedEntries(database, accountId, page)).map((entry) => presentChained(accountId, entry))
}
