import { readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { GroupRole } from '../../../core/access/single-sign-on.ts'
import { defaultRetention, type Retention } from '../../../core/execution/retention.ts'
import type { LogLevel } from '../../../lib/logger.ts'
import { OperatorError } from '../../../lib/operator-error.ts'
import { suggestName } from '../../../lib/suggest-name.ts'
import type { S3Settings } from '../../../objects/s3-client.ts'
import { defaultPoolSize } from '../../../store/database/database.ts'
import type { OidcSettings } from '../sso/oidc-client.ts'
import { readTracing, type TracingSettings } from './read-tracing.ts'
import { resolveTls, type TlsConfig } from './resolve-tls.ts'
import {
  defaultSettingsFile,
  type SettingKey,
  type SettingValue,
  serverSettings,
  settingKeys,
  settingOf,
  settingsFileVariable,
} from './server-settings.ts'
import { defaultListen, type ListenAddress } from './setting-values.ts'
import { type FileSettings, readSettingsFile, type SettingsFileContent } from './settings-file.ts'

/** The validated settings of a server. No other part of the server reads the environment. */
/** A working day: longer, and a group that a user has left keeps its permissions longer. */
const defaultOidcSessionMs = 12 * 3_600_000

const defaultDriftCheckMs = 15 * 60_000

export interface ServerConfig {
  /** Absolute path. */
  dataDirectory: string
  /** Port 0: any free port. */
  listen: ListenAddress
  /** Absent: the embedded PostgreSQL in the data directory. */
  databaseUrl?: string
  /** Size of the connection pool. */
  databaseConnections: number
  /** The system user that the embedded PostgreSQL runs as if the server runs as root. */
  databaseUser: string
  /** Absolute path of the folder that stores artifacts, unless a bucket does. */
  objectsDirectory: string
  /** Absent: the folder stores artifacts. */
  objectsBucket?: S3Settings
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
  /** Interval at which agents check installed extensions; undefined: they do not. */
  driftCheckMs: number | undefined
  tls: TlsConfig
  /** Networks of the proxies whose `X-Forwarded-For` header the server trusts. */
  trustedProxies: readonly string[]
  /** Addresses that gates and webhooks may connect to nevertheless. */
  outboundAllow: readonly string[]
  /** Where `/metrics` is served to everyone, besides the authenticated route; absent: nowhere. */
  metricsListen?: ListenAddress
  /** Absolute path of the folder with executables of the agent; absent: those of the installation, if any. */
  agentExecutables?: string
  /** Absent: no traces. */
  tracing?: TracingSettings
  /** The identity provider; absent: users sign in with name and password. */
  oidc?: OidcSettings & { readonly name: string; readonly groupRoles: readonly GroupRole[]; readonly sessionMs: number }
  /** The mail server of notifications; absent: webhooks cannot send e-mail. */
  mail?: { readonly url: string; readonly from: string }
  /** Receivers of the audit log: `stdout`, or URLs. */
  auditExport: readonly string[]
  /** How long ended executions and other finished records are kept. */
  retention: Retention
}

/** Settings from the command line; they override the environment. */
export interface ServerOptions {
  /** The settings file; absent: `/etc/chandler/chandler.yaml` if it exists. */
  config?: string
  data?: string
  listen?: string
  metricsListen?: string
  tls?: true
  tlsName?: readonly string[]
  tlsCert?: string
  tlsKey?: string
  acme?: readonly string[]
  insecureHttp?: true
  /** Retention times, for `prune` only. */
  executions?: string
  output?: string
  auditLog?: string
}

type Environment = Readonly<Record<string, string | undefined>>

/** What the settings depend on besides the environment. */
export interface Machine {
  /** Decides the default data directory. */
  readonly isRoot: boolean
  /** Throws the error of the file system. */
  readFile(path: string): SettingsFileContent
}

const thisMachine: Machine = {
  isRoot: process.getuid?.() === 0,
  readFile: (path) => ({ text: readFileSync(path, 'utf8'), mode: statSync(path).mode }),
}

/** One setting as it was found. */
export interface FoundSetting {
  readonly key: SettingKey
  /** Absent: the default. */
  readonly text?: string
  /** The flag, the variable or the place in the file; absent: the default. */
  readonly source?: string
  /** Places that are overridden by `source`. */
  readonly overridden: readonly string[]
}

/** Everything that was read: for `chandler server check`. */
export interface SettingsReport {
  /** Absent if there are problems. */
  readonly config?: ServerConfig
  /** The file that was read. */
  readonly file: string | undefined
  readonly found: readonly FoundSetting[]
  /** Mistakes that keep the server from starting, one line each; secrets are never repeated. */
  readonly problems: readonly string[]
  /** Settings without an effect. */
  readonly warnings: readonly string[]
}

/**
 * Long enough for the slowest download to start and be resumed within a batch, short enough that a
 * leaked URL soon expires.
 */
const defaultArtifactUrlTtlMs = 3_600_000

const letsEncryptUrl = 'https://acme-v02.api.letsencrypt.org/directory'

/** Command-line options with the setting that each overrides. */
const optionKeys = {
  data: ['data', '--data'],
  listen: ['listen', '--listen'],
  metricsListen: ['metricsListen', '--metrics-listen'],
  tls: ['tls', '--tls'],
  tlsName: ['tlsNames', '--tls-name'],
  tlsCert: ['tlsCert', '--tls-cert'],
  tlsKey: ['tlsKey', '--tls-key'],
  acme: ['acme', '--acme'],
  insecureHttp: ['insecureHttp', '--insecure-http'],
  executions: ['retentionExecutions', '--executions'],
  output: ['retentionOutput', '--output'],
  auditLog: ['retentionAuditLog', '--audit-log'],
} as const satisfies Partial<Record<keyof ServerOptions, readonly [SettingKey, string]>>

/**
 * Reads and validates the settings of a server.
 * @throws OperatorError that names every invalid setting, one per line; values of secrets are never
 * repeated
 */
export function readServerConfig(
  options: ServerOptions,
  environment: Environment = process.env,
  machine: Machine = thisMachine,
): ServerConfig {
  const { config, problems } = readServerSettings(options, environment, machine)
  if (config === undefined) throw new OperatorError(problems.join('\n'))
  return config
}

/**
 * Reads all settings: a flag overrides the environment, which overrides the file, which overrides
 * the default. Never throws for a mistake of the operator.
 */
export function readServerSettings(
  options: ServerOptions,
  environment: Environment = process.env,
  machine: Machine = thisMachine,
): SettingsReport {
  // An empty variable counts as unset: compose files and unit files leave settings out this way.
  const variableOf = (name: string) => environment[name]?.trim() || undefined
  const given = options.config ?? variableOf(settingsFileVariable)
  const { file, values, problems: fileProblems } = openSettingsFile(given, machine)
  const flags = new Map<SettingKey, { text: string; source: string }>()
  for (const [option, [key, flag]] of Object.entries(optionKeys)) {
    const text = options[option as keyof typeof optionKeys]
    if (text !== undefined) flags.set(key, { text: String(text), source: flag })
  }
  const found = settingKeys.map((key): FoundSetting => {
    const { variable } = settingOf(key)
    const text = variableOf(variable)
    const fromFile = values.get(key)
    const [first, ...others] = [
      ...(flags.has(key) ? [flags.get(key)!] : []),
      ...(text === undefined ? [] : [{ text, source: variable }]),
      ...(fromFile === undefined ? [] : [{ text: fromFile.text, source: fromFile.place }]),
    ]
    return { key, ...first, overridden: others.map(({ source }) => source) }
  })

  const problems = [...fileProblems]
  const byKey = new Map(found.map((setting) => [setting.key, setting]))
  function valueOf<Key extends SettingKey>(key: Key): SettingValue<Key> | undefined {
    const { text, source } = byKey.get(key)!
    if (text === undefined) return undefined
    const parsed = serverSettings[key].schema.safeParse(text)
    if (parsed.success) return parsed.data as SettingValue<Key>
    for (const { message } of parsed.error.issues) problems.push(`${nameOf(key, source)}: ${message}`)
    return undefined
  }
  /** `forever` is undefined as a value. */
  const retentionOf = (key: 'retentionExecutions' | 'retentionOutput' | 'retentionAuditLog', byDefault?: number) =>
    byKey.get(key)?.text === undefined ? byDefault : valueOf(key)

  const dataDirectory = valueOf('data') ?? defaultDataDirectory(environment, machine.isRoot)
  const databaseUrl = valueOf('databaseUrl')
  const objects = valueOf('objects')
  const objectsDirectory = join(dataDirectory, 'objects')
  const [s3Endpoint, s3PublicEndpoint] = [valueOf('s3Endpoint'), valueOf('s3PublicEndpoint')]
  const [s3Region, s3PathStyle] = [valueOf('s3Region'), valueOf('s3PathStyle')]
  const metricsListen = valueOf('metricsListen')
  const secretKey = valueOf('secretKey')
  const publicUrl = valueOf('publicUrl')
  const agentExecutables = valueOf('agentExecutables')
  const keyId = valueOf('bootstrapAccessKeyId')
  const keySecret = valueOf('bootstrapAccessKeySecret')
  const password = valueOf('bootstrapPassword')
  const absentHalves = (['bootstrapAccessKeyId', 'bootstrapAccessKeySecret'] as const).filter(
    (key) => byKey.get(key)?.text === undefined,
  )
  if (absentHalves.length === 1)
    problems.push(`${settingOf(absentHalves[0]!).variable}: is not set, but its other half is. Set both or none.`)

  const [oidcIssuer, oidcClientId] = [valueOf('oidcIssuer'), valueOf('oidcClientId')]
  if (oidcIssuer !== undefined && byKey.get('oidcClientId')?.text === undefined)
    problems.push(`${settingOf('oidcClientId').variable}: is required with ${settingOf('oidcIssuer').variable}.`)
  const oidc = oidcIssuer !== undefined &&
    oidcClientId !== undefined && {
      issuer: oidcIssuer,
      clientId: oidcClientId,
      clientSecret: valueOf('oidcClientSecret'),
      name: valueOf('oidcName') ?? new URL(oidcIssuer).host,
      scopes: valueOf('oidcScopes') ?? 'openid profile email',
      userClaim: valueOf('oidcUserClaim') ?? 'preferred_username',
      groupsClaim: valueOf('oidcGroupsClaim') ?? 'groups',
      groupRoles: valueOf('oidcGroupRoles') ?? [],
      sessionMs: valueOf('oidcSession') ?? defaultOidcSessionMs,
    }
  const [smtpUrl, mailFrom] = [valueOf('smtpUrl'), valueOf('mailFrom')]
  const listen = valueOf('listen') ?? defaultListen
  const acmeNames = valueOf('acme')
  const acme = {
    listen: valueOf('acmeListen') ?? { host: '0.0.0.0', port: 80 },
    email: valueOf('acmeEmail'),
    directoryUrl: valueOf('acmeDirectory') ?? letsEncryptUrl,
    caFile: valueOf('acmeCa'),
  }
  const tls = resolveTls(
    {
      isWanted: valueOf('tls') ?? false,
      names: valueOf('tlsNames') ?? [],
      certFile: valueOf('tlsCert'),
      keyFile: valueOf('tlsKey'),
      acme: acmeNames && { ...acme, names: acmeNames },
      isInsecure: valueOf('insecureHttp') ?? false,
      hsts: valueOf('hsts'),
    },
    listen,
  )
  if ('problem' in tls) problems.push(tls.problem)

  const config: ServerConfig = {
    dataDirectory,
    listen,
    tls: 'problem' in tls ? { kind: 'plain' } : tls,
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    databaseConnections: valueOf('databaseConnections') ?? defaultPoolSize,
    databaseUser: valueOf('databaseUser') ?? 'chandler',
    objectsDirectory: objects && 'directory' in objects ? objects.directory : objectsDirectory,
    ...(objects && 'bucket' in objects
      ? {
          objectsBucket: {
            ...objects,
            region: s3Region ?? environment['AWS_REGION'] ?? 'us-east-1',
            endpoint: s3Endpoint,
            publicEndpoint: s3PublicEndpoint,
            pathStyle: s3PathStyle ?? false,
          },
        }
      : {}),
    region: valueOf('region') ?? 'default',
    accountName: valueOf('accountId'),
    ...(keyId === undefined || keySecret === undefined ? {} : { bootstrapAccessKey: { id: keyId, secret: keySecret } }),
    ...(password === undefined ? {} : { bootstrapPassword: password }),
    ...(secretKey === undefined ? {} : { secretKey }),
    logLevel: valueOf('logLevel') ?? 'info',
    ...(publicUrl === undefined ? {} : { publicUrl }),
    ...(agentExecutables === undefined ? {} : { agentExecutables }),
    ...(metricsListen === undefined ? {} : { metricsListen }),
    artifactUrlTtlMs: valueOf('artifactUrlTtl') ?? defaultArtifactUrlTtlMs,
    driftCheckMs: (valueOf('driftCheck') ?? { ms: defaultDriftCheckMs }).ms,
    retention: {
      executionsMs: retentionOf('retentionExecutions', defaultRetention.executionsMs),
      outputMs: retentionOf('retentionOutput', defaultRetention.outputMs),
      auditLogMs: retentionOf('retentionAuditLog', defaultRetention.auditLogMs),
    },
    trustedProxies: valueOf('trustedProxies') ?? [],
    outboundAllow: valueOf('outboundAllow') ?? [],
    auditExport: valueOf('auditExport') ?? [],
    ...(oidc && { oidc }),
    ...(smtpUrl !== undefined && { mail: { url: smtpUrl, from: mailFrom ?? findMailFrom(publicUrl, smtpUrl) } }),
  }
  const tracing = readTracing(variableOf)
  if (typeof tracing === 'object') config.tracing = tracing
  else if (tracing !== undefined) problems.push(tracing)
  const warnings = [...findUnknownVariables(environment), ...findIgnored(byKey, machine)]
  return { ...(problems.length > 0 ? {} : { config }), file, found, problems, warnings }
}

const findMailFrom = (publicUrl: string | undefined, smtpUrl: string) =>
  `chandler@${new URL(publicUrl ?? smtpUrl).hostname}`

function openSettingsFile(given: string | undefined, machine: Machine): FileSettings & { file: string | undefined } {
  const path = given ?? defaultSettingsFile
  let content: SettingsFileContent
  try {
    content = machine.readFile(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const isAbsent = given === undefined && (code === 'ENOENT' || code === 'ENOTDIR')
    const remedy =
      code === 'EACCES'
        ? 'Run the command as root or as the user of the server, or name another file with --config.'
        : 'Check the path given with --config.'
    return {
      file: undefined,
      values: new Map(),
      problems: isAbsent ? [] : [`${path} cannot be read (${code}). ${remedy}`],
    }
  }
  return { file: path, ...readSettingsFile(path, content) }
}

/** Variables of the other programs, which may run in the same environment. */
const otherVariables =
  /^CHANDLER_(?:SERVER|ACCESS_KEY_ID|ACCESS_KEY_SECRET|PROFILE|NEW_PASSWORD|PARAM_.*|PACKAGE|ACTION|EXTENSION|VERSION|PREVIOUS_VERSION|EXECUTION_ID|INSTANCE_ID|WORKSPACE|REBOOT|BUILTIN_.*)$/

/** A place in the file does not name the setting, a flag or a variable does. */
const nameOf = (key: SettingKey, source = '') => (/:\d+:\d+$/.test(source) ? `${source} ${key}` : source)

function findUnknownVariables(environment: Environment): string[] {
  const known = [...settingKeys.map((key) => settingOf(key).variable), settingsFileVariable]
  return Object.keys(environment)
    .filter((name) => name.startsWith('CHANDLER_') && !known.includes(name) && !otherVariables.test(name))
    .sort()
    .map((name) => {
      const near = suggestName(name, known)
      return `${name}: the server has no such setting${near === undefined ? '' : `; did you mean ${near}?`}`
    })
}

function findIgnored(byKey: ReadonlyMap<SettingKey, FoundSetting>, machine: Machine): string[] {
  return [...findIgnoredS3(byKey), ...findIgnoredUser(byKey, machine)]
}

function findIgnoredS3(byKey: ReadonlyMap<SettingKey, FoundSetting>): string[] {
  if (byKey.get('objects')?.text?.startsWith('s3://')) return []
  return (['s3Endpoint', 's3PublicEndpoint', 's3Region', 's3PathStyle'] as const).flatMap((key) => {
    const source = byKey.get(key)?.source
    return source === undefined ? [] : [`${nameOf(key, source)}: has no effect, because CHANDLER_OBJECTS is not s3://…`]
  })
}

function findIgnoredUser(byKey: ReadonlyMap<SettingKey, FoundSetting>, machine: Machine): string[] {
  const source = byKey.get('databaseUser')?.source
  if (source === undefined) return []
  const name = nameOf('databaseUser', source)
  if (byKey.get('databaseUrl')?.text !== undefined)
    return [`${name}: has no effect, because the server uses your own PostgreSQL`]
  return machine.isRoot ? [] : [`${name}: has no effect, because the server does not run as root`]
}

function defaultDataDirectory(environment: Environment, isRoot: boolean): string {
  if (isRoot) return '/var/lib/chandler'
  const dataHome = environment.XDG_DATA_HOME
  // The XDG specification requires relative paths to be ignored.
  return dataHome?.startsWith('/')
    ? join(dataHome, 'chandler')
    : join(environment.HOME || homedir(), '.local/share/chandler')
}
