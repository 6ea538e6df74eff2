import {
  type ChainFault,
  type ChainPlace,
  checkChainEnd,
  checkChainEntry,
} from '../../../../core/access/audit-chain.ts'
import type { AccountId } from '../../../../core/id.ts'
import { canonicalJson } from '../../../../lib/canonical-json.ts'
import { sha256Of } from '../../../../lib/digest.ts'
import {
  type AuditChain,
  appendToChain,
  type ChainableRow,
  deleteOldAuditEntries,
  findEntryOutside,
  getAuditChain,
  listChainedEntries,
  listUnchainedAccounts,
  listUnchainedEntries,
  lockAuditChain,
} from '../../../../store/access/audit-chain.ts'
import type { Actor, AppContext } from '../../context.ts'

type Storing = Pick<AppContext, 'database'>

const entriesPerStep = 500

/**
 * The hash of an entry: SHA-256 of the previous hash (64 hex digits, empty for the first entry), a
 * line break, and the entry as canonical JSON (RFC 8785) with its number and account.
 */
function hashAuditEntry(accountId: AccountId, previous: ChainPlace, entry: ChainableRow): string {
  const { id, atMicros, actor, source, action, resource, detail, accessKeyId } = entry
  const content = {
    seq: previous.seq + 1,
    accountId,
    id,
    atMicros,
    actor,
    source,
    action,
    resource,
    detail,
    accessKeyId,
  }
  return sha256Of(`${previous.hash}\n${canonicalJson(content)}`)
}

/**
 * Appends committed entries of all accounts to their chains. Safe on several servers: only one
 * extends a chain at a time, and the others skip it.
 */
export async function chainAuditLog(context: Storing): Promise<void> {
  for (const accountId of await listUnchainedAccounts(context.database))
    while (await chainSome(context, accountId, { wait: false }));
}

/** Whether there may be more. */
async function chainSome({ database }: Storing, accountId: AccountId, options: { wait: boolean }): Promise<boolean> {
  return database.transaction().execute(async (transaction) => {
    const chain = await lockAuditChain(transaction, accountId, options)
    if (!chain) return false
    const entries = await listUnchainedEntries(transaction, accountId, entriesPerStep)
    let previous = chain.last
    const places = entries.map((entry) => {
      previous = { seq: previous.seq + 1, hash: hashAuditEntry(accountId, previous, entry) }
      return { ...previous, id: entry.id }
    })
    await appendToChain(transaction, accountId, places)
    return entries.length === entriesPerStep
  })
}

/** The result of a verification. */
export interface AuditVerification {
  /** Number of verified entries. */
  readonly entries: number
  /** The entries before this place were removed by retention. */
  readonly first: ChainPlace
  readonly last: ChainPlace
  /** Absent: the chain is intact. */
  readonly fault?: ChainFault
}

const entriesPerPage = 2_000

/**
 * Computes the hashes of all entries again, from the place after which the chain begins, and finds
 * the first entry that was changed, removed or inserted. Entries that are not chained yet are
 * chained first.
 */
export async function verifyAuditLog(
  context: Storing,
  { accountId }: Pick<Actor, 'accountId'>,
): Promise<AuditVerification> {
  while (await chainSome(context, accountId, { wait: true }));
  const chain = await getAuditChain(context.database, accountId)
  if (!chain) throw new Error('the account has no chain after its entries were chained')
  const result = await verifyChain(context, accountId, chain)
  const now = await getAuditChain(context.database, accountId)
  // Retention removed entries meanwhile: they were missing, or counted as inserted.
  return result.fault && now && now.first.seq > chain.first.seq ? verifyAuditLog(context, { accountId }) : result
}

async function verifyChain({ database }: Storing, accountId: AccountId, chain: AuditChain): Promise<AuditVerification> {
  const { first, last } = chain
  let [previous, entries]: [ChainPlace, number] = [first, 0]
  const end = (fault?: ChainFault): AuditVerification => ({ entries, first, last, ...(fault && { fault }) })
  for (;;) {
    const page = await listChainedEntries(database, accountId, { after: previous.seq, limit: entriesPerPage })
    for (const entry of page) {
      // Entries that were chained meanwhile belong to the next verification.
      if (entry.seq > last.seq) break
      const fault = checkChainEntry(previous, { ...entry, computed: hashAuditEntry(accountId, previous, entry) })
      if (fault) return end(fault)
      previous = { seq: entry.seq, hash: entry.hash }
      entries++
    }
    if (page.length < entriesPerPage || (page.at(-1)?.seq ?? 0) >= last.seq) break
  }
  const fault = checkChainEnd(previous, last)
  if (fault) return end(fault)
  const outside = await findEntryOutside(database, accountId, (await getAuditChain(database, accountId)) ?? chain)
  return end(outside && { kind: 'inserted', ...outside })
}

/** Removes some old entries from the beginning of the chain of an account. Returns how many. */
export async function removeOldAuditEntries(
  context: Storing,
  accountId: AccountId,
  olderThanMs: number,
): Promise<number> {
  while (await chainSome(context, accountId, { wait: true }));
  return context.database.transaction().execute(async (transaction) => {
    await lockAuditChain(transaction, accountId, { wait: true })
    return deleteOldAuditEntries(transaction, accountId, { olderThanMs, limit: 5_000 })
  })
}
