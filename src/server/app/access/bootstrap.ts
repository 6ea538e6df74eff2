import { administratorName } from '../../../core/access/principal.ts'
import { type AccessKeyId, type AccountId, makeAccessKeyId } from '../../../core/id.ts'
import {
  type AccessKeyWithSecret,
  getAccessKey,
  insertAccessKey,
  listAccessKeyRows,
} from '../../../store/access/access-keys.ts'
import { lockOrInsertAccount } from '../../../store/access/accounts.ts'
import { insertPrincipal } from '../../../store/access/principals.ts'
import { deleteSecondFactor } from '../../../store/access/second-factors.ts'
import { deleteSessionsOf, getPasswordHash, updatePasswordHash } from '../../../store/access/sessions.ts'
import type { Connection } from '../../../store/database/database.ts'
import { listSealedValues, sealedColumns } from '../../../store/server/sealed-columns.ts'
import type { AppContext, SecretBox } from '../context.ts'
import { checkPassword } from './check-password.ts'
import { hashPassword, verifyPassword } from './hash-password.ts'
import {
  accessKeyContext,
  hashAccessKeySecret,
  makeAccessKeySecret,
  sealAccessKeySecret,
} from './key/create-access-key.ts'
import { refuseUnfinishedReplacement } from './replace-secret-key.ts'
import { writeAudit } from './write-audit.ts'

/** The account of an installation with a single owner. */
export const defaultAccountId = 'default' as AccountId

/** The administrator's first access key and password; the password only if it was generated. */
export interface FirstCredentials {
  readonly id: AccessKeyId
  readonly secret: string
  readonly generated: boolean
  readonly password: string | undefined
}

export interface BootstrapResult {
  /** Set if this start created them. */
  readonly created: FirstCredentials | undefined
}

/** The settings of the first start. */
export interface BootstrapOptions {
  readonly accessKey?: { readonly id: string; readonly secret: string } | undefined
  readonly password?: string | undefined
  /**
   * Called before the account is committed, so that no account exists whose credentials were lost.
   */
  readonly keep?: ((created: FirstCredentials) => Promise<void>) | undefined
}

type BootstrapContext = Pick<AppContext, 'database' | 'secrets' | 'random' | 'clock' | 'passwordCost'>

/**
 * @throws OperatorError if the secrets in the database were sealed with another secret key;
 * RekeyUnfinished
 */
export async function checkSecretKeyOfDatabase({
  database,
  secrets,
}: Pick<BootstrapContext, 'database' | 'secrets'>): Promise<void> {
  await refuseUnfinishedReplacement(database, defaultAccountId)
  const [known] = await listAccessKeyRows(database, defaultAccountId, { limit: 1 })
  if (known) await checkSecretKey(database, secrets)
}

/**
 * Creates the account `default` and its first access key, unless it has one: with the given id and
 * secret, or with generated ones. Servers that start together create one key.
 * @throws PasswordWeak for a given one; OperatorError if the secrets in the database were sealed
 * with another secret key
 */
export function bootstrap(
  context: BootstrapContext,
  { accessKey: given, password: givenPassword, keep }: BootstrapOptions = {},
): Promise<BootstrapResult> {
  return context.database.transaction().execute(async (transaction) => {
    await lockOrInsertAccount(transaction, { id: defaultAccountId, name: defaultAccountId })
    // Again: this server is counted as running only since it joined the others.
    await refuseUnfinishedReplacement(transaction, defaultAccountId)
    const [known] = await listAccessKeyRows(transaction, defaultAccountId, { limit: 1 })
    if (known) {
      await checkSecretKey(transaction, context.secrets)
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
      expiresAt: undefined,
      secret: sealAccessKeySecret(context.secrets, id, secret),
    })
    if (!made)
      throw new Error(
        `another account has the access key ${id} already: choose another CHANDLER_BOOTSTRAP_ACCESS_KEY_ID`,
      )
    if (givenPassword !== undefined) await checkPassword(givenPassword, administratorName)
    const password = givenPassword ?? makePassword(context.random)
    const hash = await hashPassword(context.random, password, context.passwordCost)
    await updatePasswordHash(transaction, defaultAccountId, administratorName, hash)
    const server = { accountId: defaultAccountId, name: 'server', source: 'first start' }
    await writeAudit(transaction, server, 'CreateAccessKey', `access-key/${id}`, { userName: administratorName })
    const created: FirstCredentials = {
      id,
      secret,
      generated: given === undefined,
      password: givenPassword === undefined ? password : undefined,
    }
    await keep?.(created)
    return { created }
  })
}

/** The bootstrap variables that do not match the existing account. */
export async function listIgnoredVariables(
  { database, secrets }: BootstrapContext,
  { accessKey, password }: BootstrapOptions,
): Promise<string[]> {
  const ignored: string[] = []
  if (accessKey) {
    const known = await getAccessKey(database, accessKey.id)
    const isSame = known && hasSecret(secrets, known, accessKey.secret)
    if (!isSame || known.disabledAt)
      ignored.push('CHANDLER_BOOTSTRAP_ACCESS_KEY_ID', 'CHANDLER_BOOTSTRAP_ACCESS_KEY_SECRET')
  }
  if (password !== undefined) {
    const hash = await getPasswordHash(database, defaultAccountId, administratorName)
    if (!(await verifyPassword(hash, password))) ignored.push('CHANDLER_BOOTSTRAP_PASSWORD')
  }
  return ignored
}

function hasSecret(secrets: AppContext['secrets'], { id, secret }: AccessKeyWithSecret, claimed: string): boolean {
  if (secret.kind === 'native') return hashAccessKeySecret(id, claimed).hash === secret.hash
  return secrets.open(secret.sealed, accessKeyContext(id)).toString() === claimed
}

/**
 * Creates a new access key and a new password for the administrator, removes the second factor, and
 * ends the sessions with the old password. Other keys are unchanged. Access to the data directory is the only authorisation.
 */
export function resetAdministrator(context: BootstrapContext): Promise<FirstCredentials> {
  return context.database.transaction().execute(async (transaction) => {
    await lockOrInsertAccount(transaction, { id: defaultAccountId, name: defaultAccountId })
    const id = makeAccessKeyId(context.random)
    const secret = makeAccessKeySecret(context.random)
    const createdAt = new Date(context.clock.now())
    const owner = { accountId: defaultAccountId, userName: administratorName }
    await insertPrincipal(transaction, defaultAccountId, 'user', {
      name: administratorName,
      description: 'administrator of the account',
      createdAt,
    })
    const description = 'made by reset-admin'
    const stored = sealAccessKeySecret(context.secrets, id, secret)
    await insertAccessKey(transaction, { id, ...owner, description, createdAt, expiresAt: undefined, secret: stored })
    const password = makePassword(context.random)
    const hash = await hashPassword(context.random, password, context.passwordCost)
    await updatePasswordHash(transaction, defaultAccountId, administratorName, hash)
    await deleteSessionsOf(transaction, defaultAccountId, administratorName, undefined)
    await deleteSecondFactor(transaction, owner)
    const actor = { accountId: defaultAccountId, name: 'server', source: 'reset-admin' }
    await writeAudit(transaction, actor, 'CreateAccessKey', `access-key/${id}`, { userName: administratorName })
    await writeAudit(transaction, actor, 'SetPassword', `user/${administratorName}`)
    return { id, secret, generated: true, password }
  })
}

/** 100 random bits in groups that are easy to type. */
const makePassword = (random: AppContext['random']) =>
  Array.from(random(20), (byte) => 'abcdefghjkmnpqrstuvwxyz23456789'[byte % 31])
    .join('')
    .replaceAll(/(.{5})(?=.)/g, '$1-')

/**
 * Fails early: a server with another secret key than the database's could open no secret. Any sealed
 * value shows it; access keys may have hashes only.
 */
async function checkSecretKey(connection: Connection, secrets: SecretBox): Promise<void> {
  for (const column of sealedColumns) {
    const [value] = await listSealedValues(connection, column, undefined, 1, { forUpdate: false })
    if (!value) continue
    secrets.open(value.sealed, value.context)
    return
  }
}
