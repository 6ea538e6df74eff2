import { expect, test } from 'vitest'
import { type Machine, readServerConfig, readServerSettings, type ServerOptions } from './config.ts'
import { parseListenAddress } from './setting-values.ts'

/** A machine with these files; without any, /etc/chandler/chandler.yaml is absent. */
const machineWith = (files: Record<string, string> = {}, mode = 0o100_640, isRoot = true): Machine => ({
  isRoot,
  readFile(path) {
    const text = files[path]
    if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
    return { text, mode }
  },
})
const root = machineWith()
const user = machineWith({}, undefined, false)
const file = '/etc/chandler/chandler.yaml'

test('without any setting every value has its default', () => {
  expect(readServerConfig({}, {}, root)).toEqual({
    dataDirectory: '/var/lib/chandler',
    listen: { host: '127.0.0.1', port: 7443 },
    databaseUser: 'chandler',
    databaseConnections: 16,
    objectsDirectory: '/var/lib/chandler/objects',
    region: 'default',
    logLevel: 'info',
    artifactUrlTtlMs: 3_600_000,
    driftCheckMs: 900_000,
    retention: { outputMs: 90 * 86_400_000, executionsMs: 365 * 86_400_000, auditLogMs: 730 * 86_400_000 },
    auditExport: [],
    trustedProxies: [],
    outboundAllow: [],
    tls: { kind: 'plain' },
  })
})

test('a user other than root gets a data directory in the home directory, as XDG specifies', () => {
  expect(readServerConfig({}, { HOME: '/home/u' }, user).dataDirectory).toBe('/home/u/.local/share/chandler')
  expect(readServerConfig({}, { HOME: '/home/u', XDG_DATA_HOME: '/data' }, user).dataDirectory).toBe('/data/chandler')
  expect(readServerConfig({}, { HOME: '/home/u', XDG_DATA_HOME: 'relative' }, user).dataDirectory).toBe(
    '/home/u/.local/share/chandler',
  )
})

test('every setting can be set, and the command line overrides the environment', () => {
  const environment = {
    CHANDLER_DATA: '/ignored',
    CHANDLER_LISTEN: '0.0.0.0:1',
    DATABASE_URL: 'postgres://u:p@db:5432/chandler?sslmode=require',
    CHANDLER_DATABASE_USER: 'chandler-2',
    CHANDLER_OBJECTS: '/objects',
    CHANDLER_REGION: 'eu-1',
    CHANDLER_ACCOUNT_ID: '1234567890123456',
    CHANDLER_BOOTSTRAP_ACCESS_KEY_ID: 'admin',
    CHANDLER_BOOTSTRAP_ACCESS_KEY_SECRET: 'a-long-secret',
    CHANDLER_SECRET_KEY: Buffer.alloc(32, 1).toString('base64'),
    CHANDLER_LOG_LEVEL: 'debug',
    CHANDLER_PUBLIC_URL: 'https://chandler.example:7443/',
    CHANDLER_ARTIFACT_URL_TTL: '30m',
    CHANDLER_DRIFT_CHECK: '0',
    CHANDLER_TRUSTED_PROXIES: '10.0.0.0/8, fd00::1',
    CHANDLER_OUTBOUND_ALLOW: '127.0.0.1, prometheus.local, fe80::/10',
    CHANDLER_SMTP_URL: 'smtps://u:p@mail.example',
    CHANDLER_TLS_CERT: '/tls/cert.pem',
    CHANDLER_TLS_KEY: '/tls/key.pem',
    CHANDLER_HSTS: '30d',
    CHANDLER_RETENTION_OUTPUT: '7d',
    CHANDLER_RETENTION_EXECUTIONS: 'forever',
    CHANDLER_RETENTION_AUDIT_LOG: '400d',
    CHANDLER_AUDIT_EXPORT: 'stdout, https://u:p@siem.example/audit',
    CHANDLER_OIDC_ISSUER: 'https://login.example.com/realms/a',
    CHANDLER_OIDC_CLIENT_ID: 'chandler',
    CHANDLER_OIDC_GROUP_ROLES: 'team a=web, ops=operators',
    CHANDLER_OIDC_SESSION: '8h',
  }
  expect(readServerConfig({ data: '/data', listen: '[::1]:0' }, environment, root)).toEqual({
    dataDirectory: '/data',
    listen: { host: '::1', port: 0 },
    databaseUrl: environment.DATABASE_URL,
    databaseUser: 'chandler-2',
    databaseConnections: 16,
    objectsDirectory: '/objects',
    region: 'eu-1',
    accountName: '1234567890123456',
    bootstrapAccessKey: { id: 'admin', secret: 'a-long-secret' },
    secretKey: Buffer.alloc(32, 1),
    logLevel: 'debug',
    publicUrl: 'https://chandler.example:7443',
    artifactUrlTtlMs: 1_800_000,
    driftCheckMs: undefined,
    auditExport: ['stdout', 'https://u:p@siem.example/audit'],
    oidc: {
      issuer: 'https://login.example.com/realms/a',
      clientId: 'chandler',
      clientSecret: undefined,
      name: 'login.example.com',
      scopes: 'openid profile email',
      userClaim: 'preferred_username',
      groupsClaim: 'groups',
      groupRoles: [
        { group: 'team a', role: 'web' },
        { group: 'ops', role: 'operators' },
      ],
      sessionMs: 8 * 3_600_000,
    },
    trustedProxies: ['10.0.0.0/8', 'fd00::1'],
    outboundAllow: ['127.0.0.1', 'prometheus.local', 'fe80::/10'],
    mail: { url: 'smtps://u:p@mail.example', from: 'chandler@chandler.example' },
    tls: { kind: 'files', certFile: '/tls/cert.pem', keyFile: '/tls/key.pem', hstsMs: 30 * 86_400_000 },
    retention: { outputMs: 7 * 86_400_000, executionsMs: undefined, auditLogMs: 400 * 86_400_000 },
  })
})

test('a bucket with its settings, and settings of a bucket without one', () => {
  const bucket = {
    bucket: 'my-bucket',
    prefix: 'a/b',
    region: 'eu-1',
    endpoint: undefined,
    publicEndpoint: undefined,
    pathStyle: false,
  }
  const environment = { CHANDLER_OBJECTS: 's3://my-bucket/a/b/', AWS_REGION: 'eu-1' }
  expect(readServerConfig({}, environment, root).objectsBucket).toEqual(bucket)
  const more = {
    ...environment,
    CHANDLER_S3_REGION: 'oss-cn-hangzhou',
    CHANDLER_S3_ENDPOINT: 'https://internal.example/',
    CHANDLER_S3_PUBLIC_ENDPOINT: 'https://public.example',
    CHANDLER_S3_PATH_STYLE: 'true',
  }
  expect(readServerConfig({}, more, root).objectsBucket).toEqual({
    ...bucket,
    region: 'oss-cn-hangzhou',
    endpoint: 'https://internal.example',
    publicEndpoint: 'https://public.example',
    pathStyle: true,
  })
  const { config, warnings } = readServerSettings({}, { CHANDLER_S3_REGION: 'eu-1' }, root)
  expect(config?.objectsBucket).toBeUndefined()
  expect(warnings).toEqual(['CHANDLER_S3_REGION: has no effect, because CHANDLER_OBJECTS is not s3://…'])
})

test('a variable with an empty value counts as unset', () => {
  expect(readServerConfig({}, { CHANDLER_REGION: '', DATABASE_URL: ' ' }, root)).toEqual(readServerConfig({}, {}, root))
})

test.each([
  ['DATABASE_URL', 'mysql://u:hunter2@db/x', 'is not a URL of the form postgres://'],
  ['DATABASE_URL', 'postgres://u:hunter2@db', 'is not a database URL'],
  ['CHANDLER_DATABASE_USER', 'Root of all', 'not a valid system user name'],
  ['CHANDLER_OBJECTS', 's3://', 'is not s3://BUCKET'],
  ['CHANDLER_OBJECTS', 's3://Bucket', 'is not s3://BUCKET'],
  ['CHANDLER_OBJECTS', 's3://bucket//a', 'is not s3://BUCKET'],
  ['CHANDLER_S3_ENDPOINT', 'https://u:hunter2@store', 'must have no user'],
  ['CHANDLER_S3_ENDPOINT', 'store.example', 'is not a URL'],
  ['CHANDLER_S3_PATH_STYLE', 'yes', 'is not true or false'],
  ['CHANDLER_METRICS_LISTEN', '9464', 'is not HOST:PORT'],
  ['CHANDLER_OBJECTS', 'ftp://x', 'must be a directory'],
  ['CHANDLER_REGION', 'EU West', 'lower-case letters'],
  ['CHANDLER_ACCOUNT_ID', 'a:b', '1 to 64 letters'],
  ['CHANDLER_SECRET_KEY', 'hunter2', 'openssl rand -base64 32'],
  ['CHANDLER_LOG_LEVEL', 'loud', 'debug, info, warn, error'],
  ['CHANDLER_PUBLIC_URL', 'chandler.example', 'is not a URL'],
  ['CHANDLER_PUBLIC_URL', 'https://u:hunter2@x/', 'must have no user'],
  ['CHANDLER_ARTIFACT_URL_TTL', '30', 'is not a time'],
  ['CHANDLER_DRIFT_CHECK', '500ms', 'is not "0" or a time'],
  ['CHANDLER_DRIFT_CHECK', '8d', 'is not "0" or a time'],
  ['CHANDLER_ARTIFACT_URL_TTL', '8d', 'is not a time'],
  ['CHANDLER_RETENTION_OUTPUT', '90', 'is not a time of 1d or more'],
  ['CHANDLER_RETENTION_EXECUTIONS', '1h', 'is not a time of 1d or more'],
  ['CHANDLER_LISTEN', '7443', 'is not HOST:PORT'],
])('%s=%s is refused by name, without repeating a secret', (name, value, reason) => {
  const read = () => readServerConfig({}, { [name]: value }, root)
  expect(read).toThrow(reason)
  expect(read).toThrow(new RegExp(`^${name}: `))
  expect(read).not.toThrow(/hunter2/)
})

test('half an access key, a malformed one, and several errors at once are all reported', () => {
  const environment = { CHANDLER_BOOTSTRAP_ACCESS_KEY_ID: 'a:b', CHANDLER_REGION: '-' }
  expect(() => readServerConfig({ listen: 'x' }, environment, root)).toThrow(
    /^CHANDLER_BOOTSTRAP_ACCESS_KEY_ID: .*\nCHANDLER_BOOTSTRAP_ACCESS_KEY_SECRET: is not set.*\n--listen: .*\nCHANDLER_REGION: /,
  )
})

test.each([
  ['127.0.0.1:7443', '127.0.0.1', 7443],
  ['localhost:80', 'localhost', 80],
  ['[::1]:0', '::1', 0],
  [':0', '127.0.0.1', 0],
  ['0.0.0.0:65535', '0.0.0.0', 65_535],
])('listen address %s', (text, host, port) => expect(parseListenAddress(text)).toEqual({ host, port }))

test.each(['', 'localhost', '::1:80', 'a:b', 'a:65536', 'http://a:1', 'a b:1', ':-1', '[::1]'])(
  'listen address "%s" is refused',
  (text) => {
    expect(() => parseListenAddress(text)).toThrow(/HOST:PORT|is above 65535/)
  },
)

test('the settings file counts after the environment and before the default, and a flag before all', () => {
  const text = `
    # a comment
    listen: 0.0.0.0:1
    region: eu-1
    logLevel: warn
    retentionOutput: 7d
    accountId: 0123456789012345
    trustedProxies: [10.0.0.0/8, fd00::1]
    publicUrl:
  `
  const { config, found, problems } = readServerSettings(
    { listen: ':2' },
    { CHANDLER_LISTEN: ':3', CHANDLER_REGION: 'us-1' },
    machineWith({ [file]: text }),
  )
  expect(problems).toEqual([])
  expect(config).toMatchObject({
    listen: { port: 2 },
    region: 'us-1',
    logLevel: 'warn',
    accountName: '0123456789012345',
    auditExport: [],
    trustedProxies: ['10.0.0.0/8', 'fd00::1'],
    retention: { outputMs: 7 * 86_400_000, executionsMs: 365 * 86_400_000 },
  })
  expect(config).not.toHaveProperty('publicUrl')
  expect(found.find(({ key }) => key === 'listen')).toEqual({
    key: 'listen',
    text: ':2',
    source: '--listen',
    overridden: ['CHANDLER_LISTEN', `${file}:3:13`],
  })
  expect(found.find(({ key }) => key === 'objects')).toEqual({ key: 'objects', overridden: [] })
})

test('the file can be named; one that was named must exist', () => {
  const machine = machineWith({ '/a.yaml': 'region: a', '/b.yaml': 'region: b' })
  expect(readServerConfig({ config: '/a.yaml' }, { CHANDLER_CONFIG: '/b.yaml' }, machine).region).toBe('a')
  expect(readServerConfig({}, { CHANDLER_CONFIG: '/b.yaml' }, machine).region).toBe('b')
  expect(() => readServerConfig({ config: '/c.yaml' }, {}, machine)).toThrow('/c.yaml cannot be read (ENOENT).')
})

test('every mistake of a file is reported with its place', () => {
  const text = [
    'listn: :1',
    'CHANDLER_REGION: eu-1',
    'log-level: info',
    'colour: red',
    'logLevel: loud',
    'region: [a]',
    'retentionOutput: 1h',
  ].join('\n')
  expect(readServerSettings({}, {}, machineWith({ [file]: text })).problems).toEqual([
    `${file}:1:1 unknown setting "listn"; did you mean listen?`,
    `${file}:2:1 unknown setting "CHANDLER_REGION"; did you mean region?`,
    `${file}:3:1 unknown setting "log-level"; did you mean logLevel?`,
    `${file}:4:1 unknown setting "colour"; see docs/settings.md`,
    `${file}:6:9 region: must be a single value.`,
    `${file}:5:11 logLevel: "loud" is not one of debug, info, warn, error.`,
    `${file}:7:18 retentionOutput: "1h" is not a time of 1d or more, such as 90d, and not "forever".`,
  ])
})

test.each([
  ['region: a\nregion: b', 'duplicate setting'],
  ['region: "a', 'is not YAML'],
  ['- region', 'must be lines of the form'],
  ['just text', 'must be lines of the form'],
])('a file that is no list of settings is refused: %s', (text, reason) => {
  const { problems } = readServerSettings({}, {}, machineWith({ [file]: text }))
  expect(problems).toHaveLength(1)
  expect(problems[0]).toContain(reason)
})

test.each(['', '# only a comment\n', 'region:\n', 'region: ""\n'])('an empty file has no effect: %j', (text) => {
  expect(readServerConfig({}, {}, machineWith({ [file]: text }))).toEqual(readServerConfig({}, {}, root))
})

test.each([
  ['databaseUrl: postgres://u:hunter2@db/x', 0o644, /contains secrets \(databaseUrl\).*chmod o-rwx/],
  ['databaseUrl: postgres://u:hunter2@db/x', 0o640, undefined],
  ['bootstrapPassword: hunter2hunter2', 0o604, /contains secrets/],
  ['region: eu', 0o644, undefined],
  ['region: eu', 0o664, /can be changed by other users.*chmod go-w/],
  ['region: eu', 0o602, /can be changed by other users/],
])('%s in a file of mode %o', (text, mode, problem) => {
  const { problems } = readServerSettings({}, {}, machineWith({ [file]: text }, 0o100_000 + mode))
  if (problem === undefined) return expect(problems).toEqual([])
  expect(problems).toHaveLength(1)
  expect(problems[0]).toMatch(problem)
  expect(problems[0]).not.toContain('hunter2')
})

test('settings without an effect are reported', () => {
  const warningsOf = (environment: Record<string, string>, machine = root) =>
    readServerSettings({}, environment, machine).warnings
  expect(warningsOf({ CHANDLER_LISTN: 'x', CHANDLER_SERVER: 'https://x', CHANDLER_PARAM_x: '1', HOME: '/' })).toEqual([
    'CHANDLER_LISTN: the server has no such setting; did you mean CHANDLER_LISTEN?',
  ])
  expect(warningsOf({ CHANDLER_DATABASE_USER: 'pg' })).toEqual([])
  expect(warningsOf({ CHANDLER_DATABASE_USER: 'pg', DATABASE_URL: 'postgres://h/d' })).toEqual([
    'CHANDLER_DATABASE_USER: has no effect, because the server uses your own PostgreSQL',
  ])
  expect(warningsOf({}, machineWith({ [file]: 'databaseUser: pg' }, undefined, false))).toEqual([
    `${file}:1:15 databaseUser: has no effect, because the server does not run as root`,
  ])
})

test('TLS is the default beyond loopback; there, plain HTTP has to be configured', () => {
  const tlsOf = (options: ServerOptions, environment = {}) => readServerConfig(options, environment, root).tls
  expect(tlsOf({ listen: '0.0.0.0:7443' })).toEqual({ kind: 'own', names: [] })
  expect(tlsOf({ listen: '10.0.0.1:7443', tlsName: ['a.example', '10.0.0.1'] })).toEqual({
    kind: 'own',
    names: ['a.example', '10.0.0.1'],
  })
  expect(tlsOf({ listen: '0.0.0.0:7443', insecureHttp: true })).toEqual({ kind: 'plain' })
  expect(tlsOf({ listen: '0.0.0.0:7443' }, { CHANDLER_INSECURE_HTTP: 'true' })).toEqual({ kind: 'plain' })
  expect(tlsOf({ listen: 'localhost:0' })).toEqual({ kind: 'plain' })
  expect(tlsOf({ tls: true })).toEqual({ kind: 'own', names: [] })
  expect(tlsOf({}, { CHANDLER_TLS: 'on', CHANDLER_TLS_NAMES: 'a.example fd00::1' })).toEqual({
    kind: 'own',
    names: ['a.example', 'fd00::1'],
  })
  const files = { tlsCert: '/c', tlsKey: '/k' }
  expect(tlsOf(files)).toEqual({ kind: 'files', certFile: '/c', keyFile: '/k', hstsMs: 86_400_000 })
  expect(tlsOf(files, { CHANDLER_HSTS: 'off' })).toEqual({
    kind: 'files',
    certFile: '/c',
    keyFile: '/k',
    hstsMs: undefined,
  })
  const fromFile = machineWith({ [file]: 'listen: 0.0.0.0:1\ninsecureHttp: true\nhsts: off\ntlsNames: []\n' })
  expect(readServerConfig({}, {}, fromFile).tls).toEqual({ kind: 'plain' })
})

test.each([
  [{ tlsCert: '/c' }, {}, 'tlsKey (CHANDLER_TLS_KEY, --tls-key): is not set'],
  [{}, { CHANDLER_TLS_KEY: '/k' }, 'tlsCert (CHANDLER_TLS_CERT, --tls-cert): is not set'],
  [{ tls: true, insecureHttp: true }, {}, 'contradicts the TLS settings'],
  [{ tlsName: ['a b', 'x_y'] }, {}, '"x_y" is not a host name'],
  [{ tls: true }, { CHANDLER_HSTS: '1d' }, 'requires a certificate that browsers trust'],
  [{ tlsCert: '/c', tlsKey: '/k' }, { CHANDLER_HSTS: '1000d' }, 'is not "off" or a time'],
  [{}, { CHANDLER_TLS: 'perhaps' }, 'is not true or false'],
] as const)('TLS settings %j %j are refused', (options, environment, problem) => {
  expect(() => readServerConfig(options as ServerOptions, environment, root)).toThrow(problem)
})

test.each(['3', '201', 'many', '-4'])('a pool of %s connections is refused', (size) => {
  expect(() => readServerConfig({}, { CHANDLER_DATABASE_CONNECTIONS: size })).toThrow(
    `CHANDLER_DATABASE_CONNECTIONS: "${size}" is not a number from 4 to 200.`,
  )
})
