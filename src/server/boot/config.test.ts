import { expect, test } from 'vitest'
import { parseListenAddress, readServerConfig } from './config.ts'

test('without any setting every value has its default', () => {
  expect(readServerConfig({}, {}, true)).toEqual({
    dataDirectory: '/var/lib/chandler',
    listen: { host: '127.0.0.1', port: 7443 },
    databaseUser: 'chandler',
    objectsDirectory: '/var/lib/chandler/objects',
    region: 'default',
    logLevel: 'info',
    artifactUrlTtlMs: 3_600_000,
    retention: { outputMs: 90 * 86_400_000, executionsMs: 365 * 86_400_000, auditLogMs: 730 * 86_400_000 },
    trustedProxies: [],
  })
})

test('a user other than root gets a data directory in the home directory, as XDG specifies', () => {
  expect(readServerConfig({}, { HOME: '/home/u' }, false).dataDirectory).toBe('/home/u/.local/share/chandler')
  expect(readServerConfig({}, { HOME: '/home/u', XDG_DATA_HOME: '/data' }, false).dataDirectory).toBe('/data/chandler')
  expect(readServerConfig({}, { HOME: '/home/u', XDG_DATA_HOME: 'relative' }, false).dataDirectory).toBe(
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
    CHANDLER_TRUSTED_PROXIES: '10.0.0.0/8, fd00::1',
    CHANDLER_RETENTION_OUTPUT: '7d',
    CHANDLER_RETENTION_EXECUTIONS: 'forever',
    CHANDLER_RETENTION_AUDIT_LOG: '400d',
  }
  expect(readServerConfig({ data: '/data', listen: '[::1]:0' }, environment, true)).toEqual({
    dataDirectory: '/data',
    listen: { host: '::1', port: 0 },
    databaseUrl: environment.DATABASE_URL,
    databaseUser: 'chandler-2',
    objectsDirectory: '/objects',
    region: 'eu-1',
    accountName: '1234567890123456',
    bootstrapAccessKey: { id: 'admin', secret: 'a-long-secret' },
    secretKey: Buffer.alloc(32, 1),
    logLevel: 'debug',
    publicUrl: 'https://chandler.example:7443',
    artifactUrlTtlMs: 1_800_000,
    trustedProxies: ['10.0.0.0/8', 'fd00::1'],
    retention: { outputMs: 7 * 86_400_000, executionsMs: undefined, auditLogMs: 400 * 86_400_000 },
  })
})

test('a variable with an empty value counts as unset', () => {
  expect(readServerConfig({}, { CHANDLER_REGION: '', DATABASE_URL: ' ' }, true)).toEqual(readServerConfig({}, {}, true))
})

test.each([
  ['DATABASE_URL', 'mysql://u:hunter2@db/x', 'is not a URL of the form postgres://'],
  ['DATABASE_URL', 'postgres://u:hunter2@db', 'is not a database URL'],
  ['CHANDLER_DATABASE_USER', 'Root of all', 'not a valid system user name'],
  ['CHANDLER_OBJECTS', 's3://bucket/prefix', 'not supported yet'],
  ['CHANDLER_OBJECTS', 'ftp://x', 'must be a directory'],
  ['CHANDLER_REGION', 'EU West', 'lower-case letters'],
  ['CHANDLER_ACCOUNT_ID', 'a:b', '1 to 64 letters'],
  ['CHANDLER_SECRET_KEY', 'hunter2', 'openssl rand -base64 32'],
  ['CHANDLER_LOG_LEVEL', 'loud', 'debug, info, warn, error'],
  ['CHANDLER_PUBLIC_URL', 'chandler.example', 'is not a URL'],
  ['CHANDLER_PUBLIC_URL', 'https://u:hunter2@x/', 'must have no user'],
  ['CHANDLER_ARTIFACT_URL_TTL', '30', 'is not a time'],
  ['CHANDLER_ARTIFACT_URL_TTL', '8d', 'is not a time'],
  ['CHANDLER_RETENTION_OUTPUT', '90', 'is not a time of 1d or more'],
  ['CHANDLER_RETENTION_EXECUTIONS', '1h', 'is not a time of 1d or more'],
  ['CHANDLER_LISTEN', '7443', 'is not HOST:PORT'],
])('%s=%s is refused by name, without repeating a secret', (name, value, reason) => {
  const read = () => readServerConfig({}, { [name]: value }, true)
  expect(read).toThrow(reason)
  expect(read).toThrow(new RegExp(`^${name}: `))
  expect(read).not.toThrow(/hunter2/)
})

test('half an access key, a malformed one, and several errors at once are all reported', () => {
  const environment = { CHANDLER_BOOTSTRAP_ACCESS_KEY_ID: 'a:b', CHANDLER_REGION: '-' }
  expect(() => readServerConfig({ listen: 'x' }, environment, true)).toThrow(
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
