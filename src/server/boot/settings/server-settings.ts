import { z } from 'zod'
import {
  parseAccessKeyId,
  parseAccessKeySecret,
  parseAccountId,
  parseAcmeDirectory,
  parseAcmeNames,
  parseArtifactUrlTtl,
  parseAuditReceivers,
  parseBoolean,
  parseDatabaseUrl,
  parseDriftCheck,
  parseEmail,
  parseFile,
  parseFlag,
  parseGroupRoles,
  parseHsts,
  parseListenAddress,
  parseLogLevel,
  parseMailFrom,
  parseObjects,
  parseOidcIssuer,
  parseOidcScopes,
  parseOidcSession,
  parseOidcText,
  parseOutboundAllow,
  parsePassword,
  parsePath,
  parsePoolSize,
  parsePublicUrl,
  parseRegion,
  parseRetention,
  parseS3Endpoint,
  parseS3Region,
  parseSecretKey,
  parseSmtpUrl,
  parseTlsNames,
  parseTrustedProxies,
  parseUserName,
} from './setting-values.ts'

/** The schema of one setting: its text in the environment, in the file or after a flag. */
const parsedBy = <Value>(parse: (text: string) => Value) =>
  z.string().transform((text, context): Value => {
    try {
      return parse(text)
    } catch (error) {
      context.addIssue((error as Error).message)
      return z.NEVER
    }
  })

interface Setting {
  /** Its key in the settings file is the name in the table below. */
  readonly variable: string
  /** Option of `chandler server`, which overrides the variable. */
  readonly flag?: string
  /** For the documentation, as Markdown. */
  readonly default: string
  /** For the documentation, as Markdown. */
  readonly description: string
  /** The value is never printed, and a file with it must not be readable by everyone. */
  readonly isSecret?: true
  /** A list in the file, or one text with commas. */
  readonly isList?: true
  readonly schema: z.ZodType<unknown, string>
}

/**
 * All settings of the server, by their key in the settings file. docs/settings.md is generated from
 * this table.
 */
export const serverSettings = {
  data: {
    variable: 'CHANDLER_DATA',
    flag: '--data',
    default: '`/var/lib/chandler` for root, else `~/.local/share/chandler`',
    description: 'data directory of the server: database, artifacts and keys',
    schema: parsedBy(parsePath),
  },
  listen: {
    variable: 'CHANDLER_LISTEN',
    flag: '--listen',
    default: '`127.0.0.1:7443`',
    description: 'address to listen on, `HOST:PORT`',
    schema: parsedBy(parseListenAddress),
  },
  publicUrl: {
    variable: 'CHANDLER_PUBLIC_URL',
    default: 'the listen address',
    description: 'URL that agents and browsers use to reach the server',
    schema: parsedBy(parsePublicUrl),
  },
  trustedProxies: {
    variable: 'CHANDLER_TRUSTED_PROXIES',
    default: 'none',
    description: 'addresses and networks of the proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` headers count',
    isList: true,
    schema: parsedBy(parseTrustedProxies),
  },
  outboundAllow: {
    variable: 'CHANDLER_OUTBOUND_ALLOW',
    default: 'none',
    description:
      'host names, addresses and networks that gates and webhooks may connect to although they are loopback, link-local or metadata addresses. See [rollout.md](rollout.md#addresses)',
    isList: true,
    schema: parsedBy(parseOutboundAllow),
  },
  smtpUrl: {
    variable: 'CHANDLER_SMTP_URL',
    default: 'none',
    description:
      'mail server for webhooks with `mailto:` addresses: `smtps://USER:PASSWORD@HOST:465`, or `smtp://HOST:587` with STARTTLS. See [notifications.md](notifications.md#e-mail)',
    isSecret: true,
    schema: parsedBy(parseSmtpUrl),
  },
  mailFrom: {
    variable: 'CHANDLER_MAIL_FROM',
    default: '`chandler@` and the host of the public URL, else of the mail server',
    description: 'sender of e-mail',
    schema: parsedBy(parseMailFrom),
  },
  tls: {
    variable: 'CHANDLER_TLS',
    flag: '--tls',
    default: '`true` beyond loopback, else `false`',
    description: 'serve HTTPS on a loopback address, too. See [tls.md](tls.md)',
    schema: parsedBy(parseFlag),
  },
  tlsNames: {
    variable: 'CHANDLER_TLS_NAMES',
    flag: '--tls-name',
    default: 'host of the public URL, and the host name and addresses of the machine',
    description: 'further host names and addresses for the certificate that the server issues to itself',
    isList: true,
    schema: parsedBy(parseTlsNames),
  },
  tlsCert: {
    variable: 'CHANDLER_TLS_CERT',
    flag: '--tls-cert',
    default: 'unset: a certificate from the CA of the server',
    description: 'file with the certificate of your own CA or a public one, and its intermediate certificates, in PEM',
    schema: parsedBy(parseFile),
  },
  tlsKey: {
    variable: 'CHANDLER_TLS_KEY',
    flag: '--tls-key',
    default: 'unset',
    description: 'file with the private key of that certificate, in PEM',
    schema: parsedBy(parseFile),
  },
  acme: {
    variable: 'CHANDLER_ACME',
    flag: '--acme',
    default: 'unset',
    description:
      'host names for which the server obtains a certificate by ACME. Port 80 of each name must lead to `acmeListen`. You agree to the terms of service of the CA. See [tls.md](tls.md#a-certificate-by-acme)',
    isList: true,
    schema: parsedBy(parseAcmeNames),
  },
  acmeListen: {
    variable: 'CHANDLER_ACME_LISTEN',
    default: '`0.0.0.0:80`',
    description: 'address for the HTTP requests of the CA; redirects other requests to HTTPS',
    schema: parsedBy(parseListenAddress),
  },
  acmeEmail: {
    variable: 'CHANDLER_ACME_EMAIL',
    default: 'unset',
    description: 'address for messages of the CA',
    schema: parsedBy(parseEmail),
  },
  acmeDirectory: {
    variable: 'CHANDLER_ACME_DIRECTORY',
    default: "Let's Encrypt",
    description: 'directory URL of another CA',
    schema: parsedBy(parseAcmeDirectory),
  },
  acmeCa: {
    variable: 'CHANDLER_ACME_CA',
    default: 'the public CAs',
    description: 'PEM file of the CA that certifies the directory, for a CA of your company',
    schema: parsedBy(parseFile),
  },
  hsts: {
    variable: 'CHANDLER_HSTS',
    default: '`1d` with `tlsCert` or `acme`, else `off`',
    description: 'lifetime of HTTP Strict Transport Security, from `1m` to `730d`, or `off`',
    schema: parsedBy(parseHsts),
  },
  insecureHttp: {
    variable: 'CHANDLER_INSECURE_HTTP',
    flag: '--insecure-http',
    default: '`false`',
    description: 'serve plain HTTP beyond loopback: others on the network can read passwords and change scripts',
    schema: parsedBy(parseFlag),
  },
  databaseUrl: {
    variable: 'DATABASE_URL',
    default: 'unset: embedded PostgreSQL',
    description: 'URL of your own PostgreSQL',
    isSecret: true,
    schema: parsedBy(parseDatabaseUrl),
  },
  databaseConnections: {
    variable: 'CHANDLER_DATABASE_CONNECTIONS',
    default: '`16`',
    description:
      'size of the connection pool of a server, from 4 to 200; the server opens two more. The sum of all servers must fit into `max_connections` of PostgreSQL ([operating.md](operating.md#connections-of-postgresql))',
    schema: parsedBy(parsePoolSize),
  },
  databaseUser: {
    variable: 'CHANDLER_DATABASE_USER',
    default: '`chandler`',
    description: 'system user of the embedded PostgreSQL when the server runs as root',
    schema: parsedBy(parseUserName),
  },
  objects: {
    variable: 'CHANDLER_OBJECTS',
    default: '`objects` in the data directory',
    description: 'directory of the artifacts, or `s3://BUCKET/PREFIX` ([operating.md](operating.md#object-storage))',
    schema: parsedBy(parseObjects),
  },
  s3Endpoint: {
    variable: 'CHANDLER_S3_ENDPOINT',
    default: 'AWS',
    description: 'URL of the S3-compatible store',
    schema: parsedBy(parseS3Endpoint),
  },
  s3PublicEndpoint: {
    variable: 'CHANDLER_S3_PUBLIC_ENDPOINT',
    default: 'the endpoint',
    description: 'URL of the same store as agents reach it, for downloads',
    schema: parsedBy(parseS3Endpoint),
  },
  s3Region: {
    variable: 'CHANDLER_S3_REGION',
    default: '`AWS_REGION`, else `us-east-1`',
    description: 'region of the bucket',
    schema: parsedBy(parseS3Region),
  },
  s3PathStyle: {
    variable: 'CHANDLER_S3_PATH_STYLE',
    default: '`false`',
    description:
      '`true`: the bucket is the first part of the path (MinIO, Swift); `false`: it is part of the host name (AWS, Alibaba Cloud OSS)',
    schema: parsedBy(parseBoolean),
  },
  agentExecutables: {
    variable: 'CHANDLER_AGENT_EXECUTABLES',
    default: 'those of the installation: packages contain them, a checkout and the npm package do not',
    description:
      'folder with executables of the agent, made with `npm run build:agent`; for architectures without one, instances get the agent with Node.js',
    schema: parsedBy(parsePath),
  },
  secretKey: {
    variable: 'CHANDLER_SECRET_KEY',
    default: '`secret.key` in the data directory',
    description: '32 bytes in base64 that encrypt the secrets in the database',
    isSecret: true,
    schema: parsedBy(parseSecretKey),
  },
  bootstrapAccessKeyId: {
    variable: 'CHANDLER_BOOTSTRAP_ACCESS_KEY_ID',
    default: 'generated',
    description: 'id of the first access key; used only at the first start, together with its secret',
    schema: parsedBy(parseAccessKeyId),
  },
  bootstrapAccessKeySecret: {
    variable: 'CHANDLER_BOOTSTRAP_ACCESS_KEY_SECRET',
    default: 'generated',
    description: 'secret of the first access key; used only at the first start',
    isSecret: true,
    schema: parsedBy(parseAccessKeySecret),
  },
  bootstrapPassword: {
    variable: 'CHANDLER_BOOTSTRAP_PASSWORD',
    default: 'generated',
    description: 'password of the user `admin`; used only at the first start',
    isSecret: true,
    schema: parsedBy(parsePassword),
  },
  region: {
    variable: 'CHANDLER_REGION',
    default: '`default`',
    description:
      'region name in resource names (`acs:oos:REGION:ACCOUNT:…`), in `{{ ACS::RegionId }}` and in responses of the OOS API',
    schema: parsedBy(parseRegion),
  },
  accountId: {
    variable: 'CHANDLER_ACCOUNT_ID',
    default: '`default`',
    description:
      'account id in resource names, in `{{ ACS::AccountId }}` and in responses of the OOS API. Set it to the id of your Alibaba Cloud account to use its policies unchanged. Policies with the previous id no longer match',
    schema: parsedBy(parseAccountId),
  },
  artifactUrlTtl: {
    variable: 'CHANDLER_ARTIFACT_URL_TTL',
    default: '`1h`',
    description: 'validity of artifact download URLs, from `1m` to `7d`',
    schema: parsedBy(parseArtifactUrlTtl),
  },
  driftCheck: {
    variable: 'CHANDLER_DRIFT_CHECK',
    default: '`15m`',
    description:
      'interval at which agents check installed extensions, from `1s` to `7d`; `0` switches it off. See [rollout.md](rollout.md#drift)',
    schema: parsedBy(parseDriftCheck),
  },
  metricsListen: {
    variable: 'CHANDLER_METRICS_LISTEN',
    flag: '--metrics-listen',
    default: 'unset: only with an access key, at `/metrics` of the listen address',
    description: 'address that also serves `/metrics`, over plain HTTP without authentication, `HOST:PORT`',
    schema: parsedBy(parseListenAddress),
  },
  retentionOutput: {
    variable: 'CHANDLER_RETENTION_OUTPUT',
    default: '`90d`',
    description: 'retention of output after the end of an execution; `forever` disables deletion',
    schema: parsedBy(parseRetention),
  },
  retentionExecutions: {
    variable: 'CHANDLER_RETENTION_EXECUTIONS',
    default: '`365d`',
    description: 'retention of ended executions with their tasks and output',
    schema: parsedBy(parseRetention),
  },
  retentionAuditLog: {
    variable: 'CHANDLER_RETENTION_AUDIT_LOG',
    default: '`730d`',
    description: 'retention of audit log entries',
    schema: parsedBy(parseRetention),
  },
  oidcIssuer: {
    variable: 'CHANDLER_OIDC_ISSUER',
    default: 'unset: sign-in with name and password only',
    description: 'URL of the OpenID Connect identity provider ([sso.md](sso.md)); `https`, or `http` on loopback',
    schema: parsedBy(parseOidcIssuer),
  },
  oidcClientId: {
    variable: 'CHANDLER_OIDC_CLIENT_ID',
    default: 'required with `oidcIssuer`',
    description: 'client id of this server at the identity provider',
    schema: parsedBy(parseOidcText),
  },
  oidcClientSecret: {
    variable: 'CHANDLER_OIDC_CLIENT_SECRET',
    default: 'unset: a public client',
    description: 'client secret of this server at the identity provider',
    isSecret: true,
    schema: parsedBy(parseOidcText),
  },
  oidcName: {
    variable: 'CHANDLER_OIDC_NAME',
    default: 'host of the issuer',
    description: 'name of the identity provider on the sign-in page',
    schema: parsedBy(parseOidcText),
  },
  oidcScopes: {
    variable: 'CHANDLER_OIDC_SCOPES',
    default: '`openid profile email`',
    description: 'scopes to request; some providers send groups only with a scope such as `groups`',
    schema: parsedBy(parseOidcScopes),
  },
  oidcUserClaim: {
    variable: 'CHANDLER_OIDC_USER_CLAIM',
    default: '`preferred_username`',
    description: 'claim of the ID token that names the user at the first sign-in',
    schema: parsedBy(parseOidcText),
  },
  oidcGroupsClaim: {
    variable: 'CHANDLER_OIDC_GROUPS_CLAIM',
    default: '`groups`',
    description: "claim of the ID token with the user's groups",
    schema: parsedBy(parseOidcText),
  },
  oidcGroupRoles: {
    variable: 'CHANDLER_OIDC_GROUP_ROLES',
    default: 'none',
    description: 'roles of groups, as `GROUP=ROLE`: members of the group have the policies of the role',
    isList: true,
    schema: parsedBy(parseGroupRoles),
  },
  oidcSession: {
    variable: 'CHANDLER_OIDC_SESSION',
    default: '`12h`',
    description: 'longest time until a user of the identity provider has to sign in again, from `5m` to `7d`',
    schema: parsedBy(parseOidcSession),
  },
  auditExport: {
    variable: 'CHANDLER_AUDIT_EXPORT',
    default: 'none',
    description:
      'receivers of audit log entries: `stdout`, `file:///PATH`, `syslog+udp://HOST:PORT`, `syslog+tcp://…`, `syslog+tls://…`, `https://USER:PASSWORD@HOST/PATH` ([audit.md](audit.md#export))',
    isSecret: true,
    isList: true,
    schema: parsedBy(parseAuditReceivers),
  },
  logLevel: {
    variable: 'CHANDLER_LOG_LEVEL',
    default: '`info`',
    description: '`debug`, `info`, `warn` or `error`',
    schema: parsedBy(parseLogLevel),
  },
} as const satisfies Record<string, Setting>

/** A key of the settings file. */
export type SettingKey = keyof typeof serverSettings

/** The parsed value of a setting. */
export type SettingValue<Key extends SettingKey> = z.output<(typeof serverSettings)[Key]['schema']>

/** The setting of a key, with its optional properties. */
export const settingOf = (key: SettingKey): Setting => serverSettings[key]

/** All keys, in the order of the documentation. */
export const settingKeys = Object.keys(serverSettings) as SettingKey[]

/** The settings file that the server reads if it exists. */
export const defaultSettingsFile = '/etc/chandler/chandler.yaml'
/** Names another settings file, as `--config` does. */
export const settingsFileVariable = 'CHANDLER_CONFIG'
