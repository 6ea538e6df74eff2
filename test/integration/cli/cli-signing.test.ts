/** A publisher signs versions from the command line, with the real ssh-keygen. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { appendFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SignedVersionView } from '../../../src/protocol/api/trust.ts'
import { type CliSystem, startCliSystem } from './cli-system.ts'

let system: CliSystem
let alice: string
let bob: string
let folder: string

function makeKey(name: string): string {
  const path = join(system.folder, name)
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', path])
  return path
}

beforeAll(async () => {
  system = await startCliSystem()
  alice = makeKey('alice')
  bob = makeKey('bob')
  folder = await system.makeExtension('signed')
})
afterAll(() => system.stop())

const fingerprintOf = (key: string) => execFileSync('ssh-keygen', ['-l', '-f', key]).toString().split(' ')[1]

test('a version is created and signed, and the signature names its key', async () => {
  expect(await system.run('extension', 'create', folder, '--sign', alice)).toMatchObject({
    code: 0,
    stdout: 'signed v1\n',
  })
  const signed = await system.json<SignedVersionView>('extension', 'verify', 'signed@v1', '--from', folder)
  expect(signed.signatures).toMatchObject([
    { namespace: 'chandler-version', keyFingerprint: fingerprintOf(alice), isValid: true },
  ])
  expect(JSON.parse(signed.canonical)).toMatchObject({ format: 'chandler-version-1', extension: 'signed', version: 1 })
})

test('an allowed_signers file decides whose signature counts', async () => {
  const allow = async (name: string, key: string, options = '') => {
    const path = join(system.folder, `allowed-${name}`)
    await writeFile(path, `${name}@example ${options}${readFileSync(`${key}.pub`, 'utf8')}`)
    return path
  }
  const verify = (file: string) => system.run('extension', 'verify', 'signed@v1', '--allowed-signers', file)
  expect(await verify(await allow('alice', alice))).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('alice@example'),
  })
  expect(await verify(await allow('bob', bob))).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no signature that is allowed'),
  })
  const elsewhere = await allow('elsewhere', alice, 'namespaces="git" ')
  expect(await verify(elsewhere)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no signature that is allowed'),
  })
})

test('a signature that was made by hand over the exported bytes is accepted', async () => {
  const { stdout: bytes } = await system.run('extension', 'export', 'signed@v1')
  const file = join(system.folder, 'signed-v1.json')
  await writeFile(file, bytes)
  execFileSync('ssh-keygen', ['-Y', 'sign', '-q', '-n', 'chandler-version', '-f', bob, file])
  const { code, stdout } = await system.run('extension', 'sign', 'signed@v1', '--signature', `${file}.sig`)
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining(fingerprintOf(bob) ?? '') })
})

test('a signature of other bytes or for another purpose is refused', async () => {
  const { stdout: bytes } = await system.run('extension', 'export', 'signed@v1')
  const signAs = async (namespace: string, text: string) => {
    const file = join(system.folder, `bytes-${namespace}-${text.length}`)
    await writeFile(file, text)
    execFileSync('ssh-keygen', ['-Y', 'sign', '-q', '-n', namespace, '-f', bob, file])
    return system.run('extension', 'sign', 'signed@v1', '--signature', `${file}.sig`)
  }
  expect(await signAs('chandler-version', `${bytes}\n`)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('made for other bytes'),
  })
  expect(await signAs('git', bytes)).toMatchObject({ code: 2, stderr: expect.stringContaining('namespace is git') })
})

test('a folder that differs from the version is not signed', async () => {
  await appendFile(join(folder, 'install.sh'), '# changed\n')
  expect(await system.run('extension', 'sign', 'signed@v1', '--key', alice, '--from', folder)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('signed v1 on the server differs from'),
  })
})

test('a key that cannot sign leaves the version unsigned, and the message says how to go on', async () => {
  expect(await system.run('extension', 'update', folder, '--sign', join(system.folder, 'no-key'))).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('signed v2 was created and is not signed. Sign it with `chandler extension sign'),
  })
  expect(await system.run('extension', 'verify', 'signed@v2')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no signature'),
  })
  expect(await system.run('extension', 'sign', 'signed@v2', '--key', alice, '--from', folder)).toMatchObject({
    code: 0,
  })
  expect(await system.run('extension', 'verify', 'signed@v2', '--from', folder)).toMatchObject({ code: 0 })
})

test('wrong references are named', async () => {
  expect(await system.run('extension', 'verify', 'signed')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('NAME@VERSION'),
  })
  expect(await system.run('extension', 'sign', 'signed@v1')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('either --key or'),
  })
})
