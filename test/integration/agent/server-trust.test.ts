import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { requestHttp } from '../../../src/agent/connection/http-request.ts'
import { openServerTrust, type ServerTrust, type TrustOptions } from '../../../src/agent/connection/server-trust.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import type { Logger } from '../../../src/lib/logger.ts'
import {
  createAuthority,
  digestOf,
  startForwardProxy,
  startPlainPort,
  startTlsServer,
  type TlsServer,
} from './tls-server.ts'

let server: TlsServer
let state: string
let said: string[]
const log = Object.fromEntries(
  ['info', 'warn', 'error'].map((level) => [level, (message: string) => said.push(`${level} ${message}`)]),
) as unknown as Logger

beforeEach(async () => {
  said = []
  state = await mkdtemp(join(tmpdir(), 'chandler-trust-'))
  server = await startTlsServer()
})
afterEach(async () => {
  server.close()
  await rm(state, { recursive: true })
})

const open = (options: TrustOptions, url = server.url, proxyEnv = {}, clock = systemClock) =>
  openServerTrust(url, options, { stateDirectory: state, proxyEnv, clock, log })

/** `ok`, or why the connection failed, as the agent's log says it. */
async function reach(trust: ServerTrust, url = server.url): Promise<string> {
  const target = new URL('/x', url)
  try {
    const response = await requestHttp(target, { idleTimeoutMs: 5_000, agent: trust.agentFor(target) })
    response.resume()
    return 'ok'
  } catch (error) {
    return trust.explain(error as Error, target)
  }
}

describe('a pinned CA', () => {
  test('is verified by its digest, stored for the owner only, and used without the option later', async () => {
    const ca = await createAuthority(Date.now())
    await server.present(ca)
    server.publish([ca])
    expect(await reach(await open({ caSha256: digestOf(ca) }))).toBe('ok')
    expect((await stat(join(state, 'server-trust.json'))).mode & 0o777).toBe(0o600)
    server.asked.length = 0
    expect(await reach(await open({}))).toBe('ok')
    expect(await reach(await open({ caSha256: digestOf(ca) }))).toBe('ok')
    expect(server.asked).toEqual(['/x', '/x'])
  })

  test('with another digest nothing but the CA is requested, and nothing is stored', async () => {
    const ca = await createAuthority(Date.now())
    await server.present(ca)
    server.publish([ca])
    await expect(open({ caSha256: '0'.repeat(64) })).rejects.toThrow(
      new RegExp(`has the SHA-256 ${digestOf(ca)}, not 0{64}.*something intercepts`),
    )
    expect(server.asked).toEqual(['/ca.der'])
    await expect(readFile(join(state, 'server-trust.json'))).rejects.toThrow('ENOENT')
  })

  test('a server of another CA is refused, even of one that the same server publishes', async () => {
    const [ca, other] = await Promise.all([createAuthority(Date.now()), createAuthority(Date.now())])
    await server.present(ca)
    server.publish([ca])
    const trust = await open({ caSha256: digestOf(ca) })
    await server.present(other)
    server.publish([other])
    expect(await reach(trust)).toContain('not from the CA that is pinned')
    await expect(trust.refresh()).rejects.toThrow('unable to verify')
    expect(await reach(await open({}))).toContain('not from the CA that is pinned')
  })
})

describe('rotation', () => {
  test('a CA that the pinned one certifies is pinned in its place; the old one until it is withdrawn', async () => {
    const old = await createAuthority(Date.now())
    await server.present(old)
    server.publish([old])
    const trust = await open({ caSha256: digestOf(old) })
    const next = await createAuthority(Date.now(), old)
    const crosses = [next.crossCertificate as string]

    await server.present(next, { crosses })
    server.publish([next, old], crosses)
    expect(await reach(trust)).toBe('ok')
    await trust.refresh()
    expect(said).toEqual(['info the CA of the server was rotated'])
    // Another server that has not noticed the rotation yet.
    await server.present(old)
    expect(await reach(await open({}))).toBe('ok')

    await server.present(next)
    server.publish([next], crosses)
    await trust.refresh()
    const later = await open({ caSha256: digestOf(old) })
    expect(await reach(later)).toBe('ok')
    // The key of the old CA no longer counts.
    await server.present(old)
    expect(await reach(later)).toContain('not from the CA that is pinned')
  })

  test('an agent that missed several rotations follows the cross certificates', async () => {
    const first = await createAuthority(Date.now())
    await server.present(first)
    server.publish([first])
    const trust = await open({ caSha256: digestOf(first) })
    const second = await createAuthority(Date.now(), first)
    const third = await createAuthority(Date.now(), second)
    const crosses = [third.crossCertificate as string, second.crossCertificate as string]
    await server.present(third, { crosses })
    server.publish([third], crosses)
    await trust.refresh()
    await server.present(third)
    expect(await reach(await open({}))).toBe('ok')
  })

  test('a CA that no pinned one certifies is not pinned', async () => {
    const ca = await createAuthority(Date.now())
    const foreign = await createAuthority(Date.now())
    const offspring = await createAuthority(Date.now(), foreign)
    await server.present(ca)
    server.publish([ca])
    const trust = await open({ caSha256: digestOf(ca) })
    for (const [trusted, crosses] of [
      [[foreign], []],
      [[foreign, ca], []],
      [[offspring], [offspring.crossCertificate as string]],
      // A certificate that a CA issued for a server is no CA.
    ] as const) {
      said = []
      server.publish([...trusted], crosses)
      await trust.refresh()
      expect(said).toEqual([expect.stringContaining('does not certify')])
    }
    expect(JSON.parse(await readFile(join(state, 'server-trust.json'), 'utf8')).pinned.certificates).toEqual([
      expect.stringContaining(ca.certificate.trim().slice(30, 90)),
    ])
  })
})

describe('what is wrong is named', () => {
  const day = 86_400_000

  test('an expired certificate, one that is not valid yet, and one for another name', async () => {
    const ca = await createAuthority(Date.now() - 1_000 * day)
    await server.present(ca)
    server.publish([ca])
    const trust = await open({ caSha256: digestOf(ca) })
    await server.present(ca, { issuedAt: Date.now() - 100 * day })
    expect(await reach(trust)).toMatch(/has expired; the clock of this machine says \d{4}-.*NTP/)
    await server.present(ca, { issuedAt: Date.now() + 3 * day })
    expect(await reach(trust)).toMatch(/is not valid yet; the clock of this machine says/)
    await server.present(ca, { names: ['chandler.example'] })
    expect(await reach(trust)).toContain('is for other names (DNS:chandler.example)')
  })

  test('a CA that the system does not know, and a port without TLS', async () => {
    await server.present(await createAuthority(Date.now()))
    expect(await reach(await open({}))).toContain('use --ca-sha256')
    const plain = await startPlainPort()
    expect(await reach(await open({}), `https://localhost:${plain.port}`)).toContain('does not speak TLS')
    plain.close()
  })
})

test('the CAs of a file verify the server, and only they; a replaced file counts at once', async () => {
  const [ca, other] = await Promise.all([createAuthority(Date.now()), createAuthority(Date.now())])
  await server.present(ca)
  const caFile = join(state, 'ca.pem')
  await writeFile(caFile, `# comment\n${other.certificate}\n${ca.certificate}`)
  await open({ caFile })
  const trust = await open({})
  expect(await reach(trust)).toBe('ok')
  await writeFile(caFile, other.certificate)
  expect(await reach(trust)).toContain('not from a CA in the file of --ca')
  await expect(open({ caFile: join(state, 'absent') })).rejects.toThrow('ENOENT')
  await writeFile(caFile, 'nothing')
  await expect(open({ caFile })).rejects.toThrow('holds no CA certificates')
})

test('downloads from another host are verified by the CAs of the file, too; a pinned CA is for the server only', async () => {
  const [ca, ofCompany] = await Promise.all([createAuthority(Date.now()), createAuthority(Date.now())])
  await server.present(ca)
  server.publish([ca])
  const store = await startTlsServer()
  try {
    await store.present(ofCompany)
    const caFile = join(state, 'ca.pem')
    await writeFile(caFile, ofCompany.certificate)
    expect(await reach(await open({ caFile }), store.url)).toBe('ok')
    const pinned = await open({ caSha256: digestOf(ca) })
    expect(await reach(pinned)).toBe('ok')
    expect(await reach(pinned, store.url)).toContain('add it to the CAs of the system')
    await store.present(ca)
    expect(await reach(pinned, store.url)).toContain('is not from a CA that this machine trusts')
  } finally {
    store.close()
  }
})

test('plain HTTP is for loopback, unless it was accepted', async () => {
  const remote = 'http://chandler.test:7443'
  await expect(open({}, remote)).rejects.toThrow('--insecure-http')
  await open({}, 'http://localhost:7443')
  expect(said).toEqual([])
  await open({ insecureHttp: true }, remote)
  await open({}, remote)
  expect(said).toEqual([expect.stringContaining('is plain HTTP'), expect.stringContaining('is plain HTTP')])
  await expect(open({ caSha256: '0'.repeat(64) }, remote)).rejects.toThrow('begins with https://')
})

test('a forward proxy carries the download of the CA and every request, but not those to loopback', async () => {
  const proxy = await startForwardProxy()
  const ca = await createAuthority(Date.now())
  await server.present(ca)
  server.publish([ca])
  const remote = `https://chandler.test:${server.port}`
  const trust = await open({ caSha256: digestOf(ca) }, remote, { HTTPS_PROXY: proxy.url })
  expect(await reach(trust, remote)).toBe('ok')
  await trust.refresh()
  const target = `chandler.test:${server.port} Basic ${Buffer.from('user:secret').toString('base64')}`
  expect(proxy.connected).toEqual([target, target, target])
  expect(await reach(await open({}, server.url, { HTTPS_PROXY: proxy.url }))).toBe('ok')
  expect(proxy.connected).toHaveLength(3)
  // Not resolvable without the proxy.
  const direct = await open({}, remote, { HTTPS_PROXY: proxy.url, NO_PROXY: '.test' })
  expect(await reach(direct, remote)).toMatch(/ENOTFOUND|EAI_AGAIN/)
  proxy.close()
})

test('a damaged file is reported with what to do', async () => {
  await writeFile(join(state, 'server-trust.json'), '{"pinned": 1}')
  await expect(open({})).rejects.toThrow(/is damaged; restore it/)
})
