import { expect, test } from 'vitest'
import { ArgumentError } from '../argument-error.ts'
import { findDiscarded, parseSetupRequest, parseWindowsFolder } from './setup-request.ts'

const parse = (...args: string[]) => parseSetupRequest(args, '/opt/chandler-agent')
const places = { prefix: '/opt/chandler-agent', state: '/var/lib/chandler-agent' }

test('an installation has defaults for everything but the server', () => {
  expect(parse('install')).toEqual({
    command: 'install',
    ...places,
    tags: {},
    trust: {},
    useService: true,
    isForeground: false,
  })
})

test('an installation takes every option, in either form', () => {
  const options = ['--server=https://c.example:7443/base/', '--token-file', '-', '--name', 'web 1', '--tag', 'a=b=c']
  expect(
    parse(
      'install',
      ...options,
      '--tag=d=',
      '--prefix',
      '/p',
      '--state=/s',
      '--foreground',
      '--discard-on-failure=prefix',
    ),
  ).toEqual({
    command: 'install',
    prefix: '/p',
    state: '/s',
    server: 'https://c.example:7443/base',
    tokenFile: '-',
    name: 'web 1',
    tags: { a: 'b=c', d: '' },
    trust: {},
    useService: false,
    isForeground: true,
  })
})

test('the other commands', () => {
  expect(parse('remove', '--purge', '--no-service')).toEqual({
    command: 'remove',
    ...places,
    useService: false,
    isPurge: true,
  })
  expect(parse('remove')).toMatchObject({ useService: true, isPurge: false })
  expect(parse('status', '--state', '/s')).toEqual({ command: 'status', ...places, state: '/s' })
  expect(parse('unit', '--server', 'http://[::1]:7443')).toEqual({
    command: 'unit',
    ...places,
    server: 'http://[::1]:7443',
  })
  expect(parse('accept-machine', '--state=/s')).toEqual({ command: 'accept-machine', ...places, state: '/s' })
  expect(parse('install', '--help')).toEqual({ command: 'help' })
  expect(parse('-h')).toEqual({ command: 'help' })
})

test.each([
  [[], 'a command is missing: use one of install, upgrade, settle, remove, status, trust, unit, accept-machine'],
  [['reinstall'], 'unknown command reinstall'],
  [['toString'], 'unknown command toString'],
  [['install', 'now'], 'unexpected argument now'],
  [['install', '--no-such'], '--no-such'],
  [['install', '--purge'], 'setup install has no option --purge'],
  [['remove', '--token-file', 'x'], 'setup remove has no option --token-file'],
  [['status', '--no-service'], 'setup status has no option --no-service'],
  [['install', '--tag', 'a'], '--tag a: a tag is KEY=VALUE'],
  [['install', '--tag', `${'k'.repeat(129)}=v`], 'tags are at most 32'],
  [['install', '--server', 'c.example'], '--server must begin with http'],
  [['install', '--server', 'http://x;reboot'], '--server has characters'],
  [['install', '--server', 'http://x\nExecStartPre=/x'], '--server has characters'],
  [['install', '--prefix', 'opt'], '--prefix opt must begin with /'],
  [['install', '--prefix', '/'], 'is not the plain path of a folder'],
  [['install', '--prefix', '/a/'], 'is not the plain path of a folder'],
  [['install', '--prefix', '/a//b'], 'is not the plain path of a folder'],
  [['install', '--prefix', '/a/./b'], 'is not the plain path of a folder'],
  [['remove', '--state', '/var/../etc'], 'is not the plain path of a folder'],
  [['remove', '--state', '/var/..'], 'is not the plain path of a folder'],
  [['remove', '--state', '/a b'], '--state /a b has characters other than'],
  [['remove', '--state', '/a%n'], '--state /a%n has characters other than'],
  [['install', '--discard-on-failure', '/etc'], '--discard-on-failure must be program or prefix'],
])('%j is refused', (args, why) => {
  expect(() => parse(...args)).toThrow(ArgumentError)
  expect(() => parse(...args)).toThrow(why)
})

test.each(['/.hidden', '/a.b/c..d', '/a-b_c@d+e'])('%s is a plain path', (path) => {
  expect(parse('status', '--prefix', path)).toMatchObject({ prefix: path })
})

test('what is discarded is known even if other arguments are wrong', () => {
  expect(findDiscarded(['install', '--no-such', '--discard-on-failure', 'program', '--tag'])).toBe('program')
  expect(findDiscarded(['install', '--discard-on-failure=prefix'])).toBe('prefix')
  expect(findDiscarded(['install', '--discard-on-failure=/etc'])).toBeUndefined()
  expect(findDiscarded(['install'])).toBeUndefined()
})

test('an upgrade needs a folder and the name of a program', () => {
  const program = '0.2.0-3f2a91c04b7d'
  expect(parse('upgrade', '--from', '/tmp/new', '--program', program, '--within', '30')).toMatchObject({
    command: 'upgrade',
    from: '/tmp/new',
    program,
    withinMs: 30_000,
  })
  expect(() => parse('upgrade', '--program', program)).toThrow('needs --from DIR and --program NAME')
  expect(() => parse('upgrade', '--from', 'x', '--program', '../x')).toThrow('is not the name of an agent')
  for (const within of ['0', '1.5', '241', 'x'])
    expect(() => parse('upgrade', '--from', 'x', '--program', program, '--within', within)).toThrow('from 1 to 240')
})

test('how to verify the server', () => {
  const digest = 'AB:'.repeat(31) + 'AB'
  expect(parse('install', '--ca-sha256', digest)).toMatchObject({ trust: { caSha256: 'ab'.repeat(32) } })
  expect(parse('install', '--ca=/etc/ca.pem', '--insecure-http')).toMatchObject({
    trust: { caFile: '/etc/ca.pem', insecureHttp: true },
  })
  expect(() => parse('install', '--ca-sha256', 'abc')).toThrow('must be a SHA-256')
  expect(() => parse('install', '--ca-sha256', digest, '--ca', '/x')).toThrow('either')
  expect(() => parse('remove', '--ca', '/x')).toThrow('setup remove has no option --ca')
})

test.each(['C:\\ProgramData\\Chandler', 'C:\\Program Files\\Chandler Agent', 'd:\\ünï 中'])(
  '%s is a folder of Windows',
  (path) => {
    expect(parseWindowsFolder('--state', path)).toBe(path)
  },
)

test.each([
  ['/var/lib/x', 'must begin with a drive'],
  ['C:\\', 'must begin with a drive'],
  ['Chandler', 'must begin with a drive'],
  ['C:\\100%\\x', 'has one of the characters'],
  ['C:\\a&b', 'has one of the characters'],
  ['C:\\a"b', 'has one of the characters'],
  ['C:\\a\\..\\b', 'is not the plain path of a folder'],
  ['C:\\a\\', 'is not the plain path of a folder'],
  [`C:\\${'x'.repeat(100)}`, 'is longer than 100 characters'],
])('the folder %s %s', (path, message) => {
  expect(() => parseWindowsFolder('--state', path)).toThrow(message)
})
