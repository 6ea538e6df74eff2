/** Keys of a trust file, from the first to the last, with the real ssh-keygen. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { makeCliContext } from '../../../../test/make-cli-context.ts'
import { runCli } from '../../run-cli.ts'

let folder: string
let trust: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'chandler-key-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const name of ['root', 'alice', 'bob']) await generate(name)
  trust = write('trust-1.json', {
    format: 'chandler-trust-1',
    version: 1,
    expires: '2030-01-01T00:00:00Z',
    keys: { root: publicKey('root'), alice: publicKey('alice') },
    root: { keys: ['root'], threshold: 1 },
    publishers: [{ extensions: ['demo'], keys: ['alice'], threshold: 1 }],
  })
})

const path = (name: string) => join(folder, name)
const publicKey = (name: string) => readFileSync(path(`${name}.pub`), 'utf8').trim()
const read = (name: string) => JSON.parse(readFileSync(path(name), 'utf8')) as Record<string, unknown>
function write(name: string, content: object): string {
  writeFileSync(path(name), JSON.stringify(content))
  return path(name)
}

async function key(...args: string[]) {
  // No server answers at this address: none of these commands needs one.
  const environment = {
    CHANDLER_SERVER: 'http://127.0.0.1:1',
    CHANDLER_ACCESS_KEY_ID: 'id',
    CHANDLER_ACCESS_KEY_SECRET: 'secret',
    PATH: process.env['PATH'] ?? '',
  }
  const { context, printed, end } = makeCliContext(environment)
  const code = await runCli(context, ['key', ...args])
  await end()
  return { code, ...printed }
}
const generate = (name: string) => key('generate', name, '--out', path(name), '--no-passphrase')

test('a generated key is readable by its owner alone, and its public key is printed', async () => {
  const { code, out } = await generate('carol')
  expect(code).toBe(0)
  expect(out.trim()).toBe(publicKey('carol'))
  expect(out).toMatch(/^ssh-ed25519 AAAA\S+ carol\n$/)
  expect(statSync(path('carol')).mode & 0o777).toBe(0o600)
})

test('a key is added, replaced and revoked, each in a successor that names who has to sign it', async () => {
  const added = await key(
    'add',
    'bob',
    path('bob.pub'),
    '--role',
    'publisher',
    '--extension',
    'demo',
    '--trust',
    trust,
    '--out',
    path('trust-2.json'),
  )
  expect(added).toMatchObject({
    code: 0,
    err: expect.stringContaining('version 1 needs 1 of root; version 2 needs 1 of root'),
  })
  expect(read('trust-2.json')).toMatchObject({ version: 2, publishers: [{ keys: ['alice', 'bob'] }] })

  await generate('bob-2')
  const rotating = ['--trust', path('trust-2.json'), '--out', path('trust-3.json'), '--expires', '2031-01-01']
  expect(await key('rotate', 'bob', path('bob-2.pub'), ...rotating)).toMatchObject({ code: 0 })
  expect(read('trust-3.json')).toMatchObject({
    version: 3,
    keys: { bob: publicKey('bob-2') },
    expires: '2031-01-01T00:00:00.000Z',
  })

  const revoked = await key('revoke', 'alice', '--trust', path('trust-3.json'), '--out', path('trust-4.json'))
  expect(revoked.code).toBe(0)
  expect(read('trust-4.json')).toMatchObject({ version: 4, publishers: [{ keys: ['bob'] }] })
  const listed = await key('list', '--trust', path('trust-4.json'))
  expect(listed.out).toMatch(/root +ssh-ed25519 +SHA256:\S+ +root\n/)
  expect(listed.out).toMatch(/bob +ssh-ed25519 +SHA256:\S+ +publisher of demo\n/)
  expect(listed.out).not.toContain('alice')
})

test.each<[string, () => string[], RegExp]>([
  ['the last root key', () => ['revoke', 'root', '--trust', trust], /root would need 1 signatures and have 0 keys/],
  [
    'a private key in place of the public one',
    () => ['rotate', 'alice', path('bob'), '--trust', trust],
    /is not a public key/,
  ],
  ['a missing file', () => ['rotate', 'alice', path('none.pub'), '--trust', trust], /cannot be read/],
  ['a file that is no trust file', () => ['list', '--trust', write('other.json', {})], /is not a trust file/],
  ['a file that exists', () => ['revoke', 'alice', '--trust', trust, '--out', trust], /exists/],
  ['an unknown role', () => ['add', 'bob', path('bob.pub'), '--role', 'king', '--trust', trust], /king/],
])('%s is refused', async (_, args, reason) => {
  const { code, err } = await key(...args())
  expect(code).toBe(2)
  expect(err).toMatch(reason)
})

test('a second key of the same bytes does not count for a threshold', async () => {
  const same = [
    'add',
    'again',
    path('alice.pub'),
    '--role',
    'approver',
    '--trust',
    trust,
    '--out',
    path('trust-2.json'),
  ]
  expect((await key(...same)).code).toBe(0)
  const rule = read('trust-2.json') as { approvers: object }
  const strict = write('strict.json', { ...rule, approvers: { keys: ['again'], threshold: 1 } })
  const out = ['--trust', strict, '--out', path('trust-3.json')]
  expect((await key('add', 'alias', path('alice.pub'), '--role', 'approver', ...out)).code).toBe(0)
  const two = { ...read('trust-3.json'), approvers: { keys: ['again', 'alias'], threshold: 2 } }
  expect((await key('list', '--trust', write('two.json', two))).err).toMatch(/approvers needs 2 signatures and has 1/)
})
