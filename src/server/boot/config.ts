import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { defaultRetention, minRetentionMs, type Retention } from '../../core/execution/retention.ts'
import { maxPasswordLength, minPasswordLength } from '../../core/limits.ts'
import { parseDuration } from '../../lib/duration.ts'
import { type LogLevel, logLevels } from '../../lib/logger.ts'
import { OperatorError } from '../../lib/operator-error.ts'
import { parseNetwork } from '../../lib/peer/read-peer.ts'
import { parseMasterKey } from './keys.ts'

/** The validated settings of a server. No other part of the server reads the environment. */
export interface ServerConfig {
  /** Absolute path. */
  dataDirectory: string
  /** Port 0: any free port. */
  listen: ListenAddress
  /** Absent: the embedded PostgreSQL in the data directory. */
  databaseUrl?: string
  /** The system user that the embedded PostgreSQL runs as if the server runs as root. */
  databaseUser: string
  /** Absolute path of the folder that stores artifacts. */
  objectsDirectory: string
  region: string
  /** The account's name in resource names; absent: `default`. */
  accountName: string | undefined
  bootstrapAccessKey?: { id: string; secret: string }
  /** Password of the console's first user. */
  bootstrapPassword?: string
  /** Absent: `secret.key` in the data directory. */
  secretKey?: Buffer
  logLevel: LogLevel
  /**
   * The base URL under which agents and browsers reach this server if it differs from the listen
   * address; without a trailing slash.
   */
  publicUrl?: string
  /** Lifetime of a signed artifact URL, in milliseconds. */
  artifactUrlTtlMs: number
  /** Networks of the proxies whose `X-Forwarded-For` header the server trusts. */
  trustedProxies: readonly string[]
  /** How long ended executions and other finished records are kept. */
  retention: Retention
}

/** The host and port to listen on. */
export interface ListenAddress {
  host: string
  port: number
}

/** Settings from the command line; they override the environment. */
export interface ServerOptions {
  data?: string
  listen?: string
  /** Retention times, for `prune` only. */
  executions?: string
  output?: string
  auditLog?: string
}

type Environment = Readonly<Record<string, string | undefined>>

const defaultListen: ListenAddress = { host: '127.0.0.1', port: 7443 }
/**
 * Long enough for the slowest download to start and be resumed within a batch, short enough that a
 * leaked URL soon expires.
 */
const defaultArtifactUrlTtlMs = 3_600_000
const maxArtifactUrlTtlMs = 7 * 86_400_000

/**
 * Reads and validates the settings of a server.
 * @param isRoot decides the default data directory
 * @throws OperatorError that names every invalid setting, one per line; values of secrets are never
 * repeated
 */
export function readServerConfig(
  options: ServerOptions,
  environment: Environment = process.env,
  isRoot = process.getuid?.() === 0,
): ServerConfig {
  const problems: string[] = []
  // An empty variable counts as unset: compose files and unit files leave settings out this way.
  const textOf = (name: string) => environment[name]?.trim() || undefined

  function read<Value>(name: string, text: string | undefined, parse: (text: string) => Value): Value | undefined {
    if (text === undefined) return undefined
    try {
      return parse(text)
    } catch (error) {
      problems.push(`${name}: ${(error as Error).message}`)
      return undefined
    }
  }
  const readVariable = <Value>(name: string, parse: (text: string) => Value) => read(name, textOf(name), parse)
  const readOption = <Value>(flag: string, text: string | undefined, name: string, parse: (text: string) => Value) =>
    text === undefined ? readVariable(name, parse) : read(flag, text, parse)

  function readRetention(flag: string, option: string | undefined, name: string, byDefault: number | undefined) {
    const text = option ?? textOf(name)
    return text === undefined ? byDefault : read(option === undefined ? name : flag, text, parseRetention)
  }

  const dataDirectory =
    readOption('--data', options.data, 'CHANDLER_DATA', parsePath) ?? defaultDataDirectory(environment, isRoot)
  const databaseUrl = readVariable('DATABASE_URL', parseDatabaseUrl)
  const secretKey = readVariable('CHANDLER_SECRET_KEY', parseSecretKey)
  const publicUrl = readVariable('CHANDLER_PUBLIC_URL', parsePublicUrl)
  const keyId = readVariable('CHANDLER_BOOTSTRAP_ACCESS_KEY_ID', parseAccessKeyId)
  const keySecret = readVariable('CHANDLER_BOOTSTRAP_ACCESS_KEY_SECRET', parseAccessKeySecret)
  const password = readVariable('CHANDLER_BOOTSTRAP_PASSWORD', parsePassword)
  const pair = ['CHANDLER_BOOTSTRAP_ACCESS_KEY_ID', 'CHANDLER_BOOTSTRAP_ACCESS_KEY_SECRET']
  const absent = pair.filter((name) => textOf(name) === undefined)
  if (absent.length === 1) problems.push(`${absent[0]}: is not set, but its other half is. Set both or none.`)

  const config: ServerConfig = {
    dataDirectory,
    listen: readOption('--listen', options.listen, 'CHANDLER_LISTEN', parseListenAddress) ?? defaultListen,
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    databaseUser: readVariable('CHANDLER_DATABASE_USER', parseUserName) ?? 'chandler',
    objectsDirectory: readVariable('CHANDLER_OBJECTS', parseObjects) ?? join(dataDirectory, 'objects'),
    region: readVariable('CHANDLER_REGION', parseRegion) ?? 'default',
    accountName: readVariable('CHANDLER_ACCOUNT_ID', parseAccountId),
    ...(keyId === undefined || keySecret === undefined ? {} : { bootstrapAccessKey: { id: keyId, secret: keySecret } }),
    ...(password === undefined ? {} : { bootstrapPassword: password }),
    ...(secretKey === undefined ? {} : { secretKey }),
    logLevel: readVariable('CHANDLER_LOG_LEVEL', parseLogLevel) ?? 'info',
    ...(publicUrl === undefined ? {} : { publicUrl }),
    artifactUrlTtlMs: readVariable('CHANDLER_ARTIFACT_URL_TTL', parseArtifactUrlTtl) ?? defaultArtifactUrlTtlMs,
    retention: {
      executionsMs: readRetention(
        '--executions',
        options.executions,
        'CHANDLER_RETENTION_EXECUTIONS',
        defaultRetention.executionsMs,
      ),
      outputMs: readRetention('--output', options.output, 'CHANDLER_RETENTION_OUTPUT', defaultRetention.outputMs),
      auditLogMs: readRetention(
        '--audit-log',
        options.auditLog,
        'CHANDLER_RETENTION_AUDIT_LOG',
        defaultRetention.auditLogMs,
      ),
    },
    trustedProxies: readVariable('CHANDLER_TRUSTED_PROXIES', parseTrustedProxies) ?? [],
  }
  if (problems.length > 0) throw new OperatorError(problems.join('\n'))
  return config
}

function defaultDataDirectory(environment: Environment, isRoot: boolean): string {
  if (isRoot) return '/var/lib/chandler'
  const dataHome = environment.XDG_DATA_HOME
  // The XDG specification requires relative paths to be ignored.
  return dataHome?.startsWith('/')
    ? join(dataHome, 'chandler')
    : join(environment.HOME || homedir(), '.local/share/chandler')
}

/**
 * `HOST:PORT`, `[::1]:PORT`, or `:PORT` on the default host 127.0.0.1, so that the server is not
 * exposed to the network by default.
 */
export function parseListenAddress(text: string): ListenAddress {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.%\w]+)\]|([^\s:[\]/]*)):(\d{1,5})$/.exec(text) ?? []
  if (digits === undefined)
    throw new Error(`"${text}" is not HOST:PORT. Examples: 127.0.0.1:7443, 0.0.0.0:7443, [::1]:0, :8080.`)
  const port = Number(digits)
  if (port > 65_535) throw new Error(`port ${digits} is above 65535.`)
  return { host: bracketed ?? (plain || defaultListen.host), port }
}

function parsePath(text: string): string {
  if (text.trim() === '' || text.includes('\0')) throw new Error('is not a directory name.')
  return resolve(text)
}

function parseObjects(text: string): string {
  if (text.startsWith('s3://'))
    throw new Error('S3 object stores are not supported yet. Set a directory, or leave it unset.')
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) throw new Error('must be a directory.')
  return parsePath(text)
}

function parseDatabaseUrl(text: string): string {
  const url = parseUrl(text, ['postgres:', 'postgresql:'], 'postgres://USER:PASSWORD@HOST:5432/DATABASE')
  if (url.pathname.length < 2)
    throw new Error('is not a database URL. Expected postgres://USER:PASSWORD@HOST:5432/DATABASE.')
  return text
}

function parseUserName(text: string): string {
  if (!/^[a-z_][a-z0-9_-]{0,31}$/.test(text))
    throw new Error(`"${text}" is not a valid system user name (up to 32 of a-z, 0-9, "_" and "-").`)
  return text
}

function parsePublicUrl(text: string): string {
  const url = parseUrl(text, ['http:', 'https:'], 'https://chandler.example:7443')
  if (url.username !== '' || url.search !== '' || url.hash !== '')
    throw new Error('must have no user, query or fragment.')
  return url.href.replace(/\/+$/, '')
}

function parseUrl(text: string, protocols: readonly string[], example: string): URL {
  // The text is not repeated: it may contain a password.
  if (!URL.canParse(text) || !protocols.includes(new URL(text).protocol))
    throw new Error(`is not a URL of the form ${example}.`)
  return new URL(text)
}

function parseSecretKey(text: string): Buffer {
  const key = parseMasterKey(text)
  if (key === undefined) throw new Error('is not 32 bytes in base64. Generate one with: openssl rand -base64 32')
  return key
}

function parseAccessKeyId(text: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{2,127}$/.test(text))
    throw new Error(`"${text}" is not 3 to 128 letters, digits, ".", "_" or "-", starting with a letter or digit.`)
  return text
}

function parseAccessKeySecret(text: string): string {
  if (!/^[\x21-\x7e]{8,128}$/.test(text)) throw new Error('is not 8 to 128 printable ASCII characters without spaces.')
  return text
}

function parsePassword(text: string): string {
  if (text.length < minPasswordLength || text.length > maxPasswordLength)
    throw new Error(`is not ${minPasswordLength} to ${maxPasswordLength} characters.`)
  return text
}

function parseRegion(text: string): string {
  if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text))
    throw new Error(`"${text}" is not 1 to 63 lower-case letters, digits and hyphens.`)
  return text
}

/** An Alibaba Cloud account has 16 digits. */
function parseAccountId(text: string): string {
  if (!/^[A-Za-z0-9-]{1,64}$/.test(text)) throw new Error(`"${text}" is not 1 to 64 letters, digits and hyphens.`)
  return text
}

function parseLogLevel(text: string): LogLevel {
  const level = logLevels.find((known) => known === text)
  if (level === undefined) throw new Error(`"${text}" is not one of ${logLevels.join(', ')}.`)
  return level
}

const parseTrustedProxies = (text: string): string[] =>
  text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(parseNetwork)

/** @returns undefined for `forever` */
function parseRetention(text: string): number | undefined {
  if (text === 'forever') return undefined
  const ms = parseDuration(text)
  if (ms === undefined || ms < minRetentionMs)
    throw new Error(`"${text}" is not a time of 1d or more, such as 90d, and not "forever".`)
  return ms
}

function parseArtifactUrlTtl(text: string): number {
  const ttlMs = parseDuration(text)
  if (ttlMs === undefined || ttlMs < 60_000 || ttlMs > maxArtifactUrlTtlMs)
    throw new Error(`"${text}" is not a time from 1m to 7d, such as 30m or 1h.`)
  return ttlMs
}
