import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Logger } from '../../lib/logger.ts'
import { createManualClock } from '../../lib/manual-clock.ts'
import { openFileIdentity } from './file-identity.ts'
import { createAuthority, issueServerCertificate, type SignedCertificate } from './sign-certificate.ts'

let folder: string
let said: string[]
const startAt = Date.UTC(2026, 10, 30)
const log = {
  info: (message: string) => said.push(`info ${message}`),
  warn: (message: string) => said.push(`warn ${message}`),
  error: (message: string, fields?: { problem?: string }) => said.push(`error ${message}: ${fields?.problem}`),
} as unknown as Logger

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chandler-tls-'))
  said = []
})
afterEach(() => rm(folder, { recursive: true }))

const issue = async (issuedAt = startAt, names = ['chandler.example']) =>
  issueServerCertificate(await createAuthority(issuedAt), names, issuedAt)

async function place(pair: Pick<SignedCertificate, 'certificate' | 'privateKey'>) {
  const files = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') }
  await writeFile(files.certFile, pair.certificate)
  await writeFile(files.keyFile, pair.privateKey)
  return files
}

test('a changed pair is used without a restart; a broken one is not, and is reported once', async () => {
  const clock = createManualClock(startAt)
  const [first, second] = await Promise.all([issue(), issue()])
  const files = await place(first)
  const identity = await openFileIdentity(files, 'https://chandler.example:7443', { clock, log })
  expect(identity.current).toEqual({ cert: first.certificate, key: first.privateKey })
  let changed = Promise.withResolvers<unknown>()
  identity.onChange((credentials) => changed.resolve(credentials))
  const look = async () => {
    const isRefused = said.length
    await clock.advance(10_000)
    await expect.poll(() => clock.dueAt().length > 0 || said.length > isRefused).toBe(true)
  }

  // The certificate is there, its key is not yet.
  await place({ certificate: second.certificate, privateKey: first.privateKey })
  await look()
  await expect.poll(() => said.length).toBe(1)
  await look()
  expect(said).toEqual([expect.stringMatching(/^error the changed TLS certificate cannot be used.*does not belong/)])
  expect(identity.current.cert).toBe(first.certificate)

  await place(second)
  await look()
  expect(await changed.promise).toEqual({ cert: second.certificate, key: second.privateKey })
  expect(said.slice(1)).toEqual(['info the TLS certificate was replaced'])

  changed = Promise.withResolvers()
  await rm(files.keyFile)
  await look()
  await expect.poll(() => said.at(-1)).toMatch(/cannot be used.*ENOENT/)
  expect(identity.current.cert).toBe(second.certificate)
  await identity.close()
})

test('the first pair must be usable', async () => {
  const clock = createManualClock(startAt)
  const [pair, other] = await Promise.all([issue(), issue()])
  const open = async (certificate: string, privateKey: string) =>
    openFileIdentity(await place({ certificate, privateKey }), undefined, { clock, log })
  await expect(open('x', pair.privateKey)).rejects.toThrow('cert.pem is not a certificate in PEM')
  await expect(open(pair.certificate, 'x')).rejects.toThrow('key.pem is not a private key in PEM')
  await expect(open(pair.certificate, other.privateKey)).rejects.toThrow('does not belong to the first certificate')
  const old = await issue(startAt - 400 * 86_400_000)
  await expect(open(old.certificate, old.privateKey)).rejects.toThrow('expired on')
  const absent = { certFile: join(folder, 'absent'), keyFile: join(folder, 'key.pem') }
  await expect(openFileIdentity(absent, undefined, { clock, log })).rejects.toThrow('ENOENT')
})

test('a certificate that expires soon or names another host is reported', async () => {
  const clock = createManualClock(startAt)
  const pair = await issue(startAt - 80 * 86_400_000, ['*.fleet.example'])
  const named = await openFileIdentity(await place(pair), 'https://chandler.fleet.example', { clock, log })
  expect(said).toEqual([expect.stringContaining('expires soon')])
  const other = await openFileIdentity(await place(pair), 'https://10.0.0.1', { clock, log })
  expect(said.at(-1)).toContain('not for 10.0.0.1 of the public URL')
  await Promise.all([named.close(), other.close()])
})
