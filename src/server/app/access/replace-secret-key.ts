import { chandlerError } from '../../../core/error/errors.ts'
import type { AccountId } from '../../../core/id.ts'
import { OperatorError } from '../../../lib/operator-error.ts'
import { lockOrInsertAccount } from '../../../store/access/accounts.ts'
import type { Connection, Database } from '../../../store/database/database.ts'
import {
  listSealedValues,
  type SealedColumn,
  type SealedValue,
  sealedColumns,
  updateSealedValues,
} from '../../../store/server/sealed-columns.ts'
import { deleteSealedKey, getSealedKey, insertSealedKey } from '../../../store/server/secret-keys.ts'
import { countLiveServers } from '../../../store/server/servers.ts'
import type { SecretBox } from '../context.ts'

/** Short transactions: a killed command loses the work of one. */
const rowsAtOnce = 500
const namedAtMost = 5
const digestContext = 'secret-key/digest'
const replacementContext = 'secret-key/replacement'

export interface SecretKeyReplacement {
  readonly database: Database
  readonly accountId: AccountId
  readonly from: SecretBox
  readonly to: SecretBox
  /** Key of the digests if the database does not have one yet. */
  readonly derivedDigestKey: Buffer
}

/**
 * Seals every secret in the database with another key, in small transactions. If the process is
 * killed, the next call with the same keys continues; servers refuse to start in between.
 * @returns how many secrets were sealed now
 * @throws OperatorError if a server runs, another replacement is unfinished, or a secret cannot be
 * opened; nothing was changed then
 */
export async function replaceSecretKey(replacement: SecretKeyReplacement): Promise<number> {
  const { database, from, to } = replacement
  const damaged: string[] = []
  let left = 0
  await eachPage(database, (values) => {
    for (const value of values) {
      if (open(to, value) !== undefined) continue
      if (open(from, value) === undefined) damaged.push(value.context)
      else left++
    }
  })
  if (damaged.length > 0)
    throw new OperatorError(
      `${damaged.length} secrets in the database can be opened with neither key: ${damaged.slice(0, namedAtMost).join(', ')}${damaged.length > namedAtMost ? ', …' : ''}. Nothing was changed. Check that the secret key belongs to this database.`,
    )
  const isMarked = await begin(replacement)
  const servers = await countLiveServers(database)
  if (servers > 0) {
    // A server that starts now sees the mark, or it is counted here.
    if (!isMarked) await end(replacement)
    throw new OperatorError(
      `${servers} ${servers === 1 ? 'server runs' : 'servers run'} on this database. Stop all servers; one that was killed counts for 90 s.`,
    )
  }
  await keepDigestKey(replacement)
  for (const column of sealedColumns) await resealColumn(replacement, column)
  await end(replacement)
  return left
}

export const isReplacementUnfinished = async (connection: Connection, accountId: AccountId): Promise<boolean> =>
  (await getSealedKey(connection, accountId, 'replacement')) !== undefined

/** @throws RekeyUnfinished */
export async function refuseUnfinishedReplacement(connection: Connection, accountId: AccountId): Promise<void> {
  if (await isReplacementUnfinished(connection, accountId)) throw chandlerError('RekeyUnfinished', {})
}

/** The key of the digests if it no longer derives from the secret key. */
export async function readDigestKey(
  { database, secrets }: { readonly database: Database; readonly secrets: SecretBox },
  accountId: AccountId,
): Promise<Buffer | undefined> {
  const sealed = await getSealedKey(database, accountId, 'digest')
  return sealed && secrets.open(sealed, digestContext)
}

/** Marks the replacement as unfinished; returns whether it already was. */
function begin({ database, accountId, to }: SecretKeyReplacement): Promise<boolean> {
  return database.transaction().execute(async (transaction) => {
    await lockOrInsertAccount(transaction, { id: accountId, name: accountId })
    const mark = await getSealedKey(transaction, accountId, 'replacement')
    if (mark !== undefined) {
      if (open(to, { context: replacementContext, sealed: mark }) === undefined)
        throw new OperatorError(
          'A replacement with another new key is unfinished. Name the file of that key with --new-key.',
        )
      return true
    }
    await insertSealedKey(transaction, accountId, 'replacement', to.seal('unfinished', replacementContext))
    return false
  })
}

const end = ({ database, accountId }: SecretKeyReplacement) => deleteSealedKey(database, accountId, 'replacement')

/** Agents keep digests, and would report different ones from those of another key. */
async function keepDigestKey({ database, accountId, to, derivedDigestKey }: SecretKeyReplacement): Promise<void> {
  if ((await getSealedKey(database, accountId, 'digest')) === undefined)
    await insertSealedKey(database, accountId, 'digest', to.seal(derivedDigestKey, digestContext))
}

async function resealColumn({ database, from, to }: SecretKeyReplacement, column: SealedColumn): Promise<void> {
  let after: readonly string[] | undefined
  do {
    after = await database.transaction().execute(async (transaction) => {
      const values = await listSealedValues(transaction, column, after, rowsAtOnce, { forUpdate: true })
      const changed = values
        .filter((value) => open(to, value) === undefined)
        .map(({ place, context, sealed }) => ({ place, sealed: to.seal(from.open(sealed, context), context) }))
      if (changed.length > 0) await updateSealedValues(transaction, column, changed)
      return values.length < rowsAtOnce ? undefined : values.at(-1)?.place
    })
  } while (after !== undefined)
}

async function eachPage(database: Database, look: (values: readonly SealedValue[]) => void): Promise<void> {
  for (const column of sealedColumns) {
    let after: readonly string[] | undefined
    do {
      const values = await listSealedValues(database, column, after, rowsAtOnce, { forUpdate: false })
      look(values)
      after = values.length < rowsAtOnce ? undefined : values.at(-1)?.place
    } while (after !== undefined)
  }
}

/** Undefined if the key is another one. */
function open(secrets: SecretBox, { sealed, context }: Pick<SealedValue, 'sealed' | 'context'>): Buffer | undefined {
  try {
    return secrets.open(sealed, context)
  } catch (error) {
    if (error instanceof OperatorError) return undefined
    throw error
  }
}
