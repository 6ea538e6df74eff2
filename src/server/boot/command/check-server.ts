import { X509Certificate } from 'node:crypto'
import { access, constants, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ChandlerError } from '../../../core/error/errors.ts'
import { systemClock } from '../../../lib/clock.ts'
import { OperatorError } from '../../../lib/operator-error.ts'
import { createPool } from '../../../store/database/database.ts'
import { listPendingMigrations } from '../../../store/database/migrate.ts'
import { findDatabaseUser } from '../../embedded-postgres/database-user.ts'
import { checkCertificateFiles, findUnnamedHost } from '../../tls/file-identity.ts'
import { readMasterKey } from '../keys.ts'
import { nameBucket, openObjectStore } from '../open-object-store.ts'
import { readServerSettings, type ServerConfig, type ServerOptions } from '../settings/config.ts'
import { type SettingKey, settingOf } from '../settings/server-settings.ts'

/** The answer of `chandler server check`. */
export interface ServerCheck {
  /** The settings file that was read. */
  readonly file: string | undefined
  /** `value` is masked if it is a secret, and absent for a default. */
  readonly settings: readonly {
    readonly name: SettingKey
    readonly value?: string
    readonly source: string
    readonly overrides: readonly string[]
  }[]
  /** What the server would do, one sentence each; empty if the settings are invalid. */
  readonly actions: readonly string[]
  readonly warnings: readonly string[]
  /** What keeps the server from starting. */
  readonly problems: readonly string[]
}

const databaseTimeoutMs = 5_000

/**
 * Validates the settings of a server and what they name: data directory, keys and database. Changes
 * nothing, and works beside a running server.
 */
export async function checkServer(options: ServerOptions): Promise<ServerCheck> {
  const { config, file, found, problems, warnings } = readServerSettings(options)
  const settings = found.map(({ key, text, source, overridden }) => ({
    name: key,
    ...(text === undefined ? {} : { value: settingOf(key).isSecret ? '(secret)' : text }),
    source: source ?? 'default',
    overrides: overridden,
  }))
  if (config === undefined) return { file, settings, actions: [], warnings, problems }
  const actions: string[] = []
  const obstacles: string[] = []
  for (const look of [lookAtAddress, lookAtTls, lookAtDataDirectory, lookAtKey, lookAtDatabase, lookAtObjects]) {
    try {
      actions.push(await look(config))
    } catch (error) {
      if (!(error instanceof OperatorError || error instanceof ChandlerError)) throw error
      obstacles.push(error instanceof ChandlerError ? `${error.message} ${error.next}` : error.message)
    }
  }
  return { file, settings, actions, warnings, problems: obstacles }
}

async function lookAtAddress({ listen: { host, port }, publicUrl }: ServerConfig): Promise<string> {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`
  return `listens on ${address}${publicUrl === undefined ? '' : `; agents and browsers use ${publicUrl}`}`
}

async function lookAtTls({ tls, publicUrl }: ServerConfig): Promise<string> {
  switch (tls.kind) {
    case 'plain':
      return 'serves plain HTTP'
    case 'own':
      return 'serves HTTPS with a certificate from its own CA'
    case 'acme':
      return `obtains a certificate for ${tls.acme.names.join(', ')} from ${tls.acme.directoryUrl}; the CA connects to port 80 of each name`
    case 'files': {
      const { cert } = await checkCertificateFiles(tls, Date.now())
      const { validTo } = new X509Certificate(cert)
      const problem = publicUrl === undefined ? undefined : findUnnamedHost(cert, publicUrl)
      if (problem !== undefined) throw new OperatorError(problem)
      return `serves HTTPS with the certificate in ${tls.certFile}, which expires on ${validTo}`
    }
  }
}

async function lookAtDataDirectory({ dataDirectory }: ServerConfig): Promise<string> {
  const found = await statIfAny(dataDirectory)
  if (found === undefined) {
    await checkWritable(await findExistingParent(dataDirectory), `${dataDirectory} cannot be created`)
    return `creates the data directory ${dataDirectory} at its first start`
  }
  if (!found.isDirectory()) throw new OperatorError(`The data directory ${dataDirectory} is not a directory.`)
  await checkWritable(dataDirectory, `The data directory ${dataDirectory} cannot be used`)
  const isOurs = (await statIfAny(join(dataDirectory, 'data-directory.json'))) !== undefined
  return isOurs ? `uses the data directory ${dataDirectory}` : `starts with the new data directory ${dataDirectory}`
}

async function lookAtKey({ dataDirectory, secretKey }: ServerConfig): Promise<string> {
  const file = join(dataDirectory, 'secret.key')
  if ((await statIfAny(file)) !== undefined) {
    await readMasterKey(dataDirectory, secretKey)
    return `encrypts secrets with ${secretKey === undefined ? file : 'the configured key'}`
  }
  return secretKey === undefined ? `creates the secret key ${file}` : 'encrypts secrets with the configured key'
}

async function lookAtDatabase({ databaseUrl, databaseUser, dataDirectory }: ServerConfig): Promise<string> {
  if (databaseUrl === undefined) {
    const user = await findDatabaseUser(databaseUser)
    return `runs the embedded PostgreSQL of ${dataDirectory}${user === undefined ? '' : ` as the system user ${user.name}`}`
  }
  const pool = createPool(
    { connectionString: databaseUrl, connectionTimeoutMillis: databaseTimeoutMs },
    // Each query reports its own failure.
    () => undefined,
  )
  try {
    const pending = await listPendingMigrations(pool)
    return `uses your own PostgreSQL; ${pending.length === 0 ? 'its schema is current' : `applies ${pending.length} migrations (${pending[0]} to ${pending.at(-1)})`}`
  } catch (error) {
    if (error instanceof ChandlerError) throw error
    throw new OperatorError(`The database is unavailable: ${describe(error)}. Check databaseUrl (DATABASE_URL).`, {
      cause: error,
    })
  } finally {
    await pool.end()
  }
}

async function lookAtObjects(config: ServerConfig): Promise<string> {
  const { objectsDirectory, objectsBucket, dataDirectory } = config
  if (objectsBucket !== undefined) {
    await openObjectStore(config, systemClock)
    return `keeps artifacts in ${nameBucket(objectsBucket)}`
  }
  if ((await statIfAny(objectsDirectory)) !== undefined)
    await checkWritable(objectsDirectory, `The directory of the artifacts ${objectsDirectory} cannot be used`)
  else if (!objectsDirectory.startsWith(join(dataDirectory, '/')))
    await checkWritable(await findExistingParent(objectsDirectory), `${objectsDirectory} cannot be created`)
  return `keeps artifacts in ${objectsDirectory}`
}

async function checkWritable(path: string, what: string): Promise<void> {
  try {
    await access(path, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new OperatorError(
      `${what}: this user cannot write to ${path} (${(error as NodeJS.ErrnoException).code}). Run the command as the user of the server.`,
      { cause: error },
    )
  }
}

async function findExistingParent(path: string): Promise<string> {
  const parent = dirname(path)
  return (await statIfAny(parent)) === undefined && parent !== path ? findExistingParent(parent) : parent
}

async function statIfAny(path: string) {
  try {
    return await stat(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw new OperatorError(`${path} cannot be read (${code}). Run the command as the user of the server.`, {
      cause: error,
    })
  }
}

/** A name with several addresses fails with one error for each, and no message of its own. */
const describe = (error: unknown): string =>
  error instanceof AggregateError ? describe(error.errors[0]) : (error as Error).message
