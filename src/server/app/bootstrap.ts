import { type AccessKeyId, type AccountId, makeAccessKeyId } from '../../core/id.ts'
import { administratorName } from '../../core/principal.ts'
import { getAccessKey, insertAccessKey, listAccessKeys } from '../../store/access-keys.ts'
import { lockOrInsertAccount } from '../../store/accounts.ts'
import type { Connection } from '../../store/database.ts'
import { insertPrincipal } from '../../store/principals.ts'
import { updatePasswordHash } from '../../store/sessions.ts'
import type { AppContext, SecretBox } from './context.ts'
import { accessKeyContext, makeAccessKeySecret, sealAccessKeySecret } from './create-access-key.ts'
import { hashPassword } from './hash-password.ts'
import { writeAudit } from './write-audit.ts'

/** The account of a server that has one owner. */
export const defaultAccountId = 'default' as AccountId

export interface BootstrapResult {
  /** The first access key and the administrator’s password, if this start made them; the password only if nobody gave it. */
  readonly created:
    | {
        readonly id: AccessKeyId
        readonly secret: string
        readonly generated: boolean
        readonly password: string | undefined
      }
    | undefined
}

/**
 * Makes the account `default` and its first access key, unless it has one: with the given id and secret, or with generated ones.
 * Servers that start together make one key between them.
 * @throws OperatorError if the secrets in the database were sealed with another secret key
 */
export function bootstrap(
  context: Pick<AppContext, 'database' | 'secrets' | 'random' | 'clock'>,
  given?: { readonly id: string; readonly secret: string },
  givenPassword?: string,
): Promise<BootstrapResult> {
  return context.database.transaction().execute(async (transaction) => {
    await lockOrInsertAccount(transaction, { id: defaultAccountId, name: defaultAccountId })
    const [known] = await listAccessKeys(transaction, defaultAccountId, { limit: 1 })
    if (known) {
      await checkSecretKey(transaction, context.secrets, known.id)
      return { created: undefined }
    }
    const id = given ? (given.id as AccessKeyId) : makeAccessKeyId(context.random)
    const secret = given?.secret ?? makeAccessKeySecret(context.random)
    const createdAt = new Date(context.clock.now())
    await insertPrincipal(transaction, defaultAccountId, 'user', {
      name: administratorName,
      description: 'administrator of the account',
      createdAt,
    })
    const made = await insertAccessKey(transaction, {
      id,
      accountId: defaultAccountId,
      userName: administratorName,
      description: 'made at the first start',
      createdAt,
      secretSealed: sealAccessKeySecret(context.secrets, id, secret),
    })
    if (!made)
      throw new Error(
        `another account has the access key ${id} already: choose another CHANDLER_BOOTSTRAP_ACCESS_KEY_ID`,
      )
    const password = givenPassword ?? makePassword(context.random)
    const hash = await hashPassword(context.random, password)
    await updatePasswordHash(transaction, defaultAccountId, administratorName, hash)
    const server = { accountId: defaultAccountId, name: 'server', source: 'first start' }
    await writeAudit(transaction, server, 'CreateAccessKey', `access-key/${id}`, { userName: administratorName })
    return {
      created: {
        id,
        secret,
        generated: given === undefined,
        password: givenPassword === undefined ? password : undefined,
      },
    }
  })
}

/** 100 random bits in groups that can be typed. */
const makePassword = (random: AppContext['random']) =>
  Array.from(random(20), (byte) => 'abcdefghjkmnpqrstuvwxyz23456789'[byte % 31])
    .join('')
    .replaceAll(/(.{5})(?=.)/g, '$1-')

/** A server with another secret key than the database's could let nobody in: better it says so now. */
async function checkSecretKey(connection: Connection, secrets: SecretBox, id: AccessKeyId): Promise<void> {
  const key = await getAccessKey(connection, id)
  if (key) secrets.open(key.secretSealed, accessKeyContext(id))
}
