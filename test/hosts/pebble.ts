import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { Agent, get } from 'node:https'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, vi } from 'vitest'
import { createAuthority, issueServerCertificate } from '../../src/server/tls/sign-certificate.ts'
import { findDebianProgram } from '../debian-program.ts'

const pebblePath = await findDebianProgram('pebble', 'pebble')
const dnsPath = await findDebianProgram('pebble-challtestsrv', 'pebble')
export const hasPebble = pebblePath !== undefined && dnsPath !== undefined

/** A CA with ACME (Pebble of Let's Encrypt), for which every host name is 127.0.0.1. */
export interface Pebble {
  readonly directoryUrl: string
  /** PEM file of the CA of the directory. */
  readonly caFile: string
  /** The port that it connects to for http-01. */
  readonly httpPort: number
  /** Its root certificate, PEM; another one after each start. */
  readRoot(): Promise<string>
  start(): Promise<void>
  kill(): Promise<void>
  stop(): Promise<void>
}

export async function createPebble(folder: string): Promise<Pebble> {
  const [acmePort, managementPort, httpPort, tlsPort, dnsPort, dnsManagementPort] = await findFreePorts(6)
  const authority = await createAuthority(Date.now())
  const { certificate, privateKey } = await issueServerCertificate(authority, ['localhost'], Date.now())
  const file = (name: string) => join(folder, name)
  const caFile = file('directory-ca.pem')
  await writeFile(caFile, authority.certificate)
  await writeFile(file('pebble.pem'), certificate)
  await writeFile(file('pebble.key'), privateKey)
  const pebble = {
    listenAddress: `127.0.0.1:${acmePort}`,
    managementListenAddress: `127.0.0.1:${managementPort}`,
    certificate: file('pebble.pem'),
    privateKey: file('pebble.key'),
    httpPort,
    tlsPort,
    externalAccountBindingRequired: false,
  }
  await writeFile(file('pebble.json'), JSON.stringify({ pebble }))
  const none = ['-http01', '', '-https01', '', '-tlsalpn01', '']
  const dns = spawn(
    dnsPath ?? '',
    ['-defaultIPv4', '127.0.0.1', '-defaultIPv6', '', '-dns01', `127.0.0.1:${dnsPort}`].concat(
      ['-management', `127.0.0.1:${dnsManagementPort}`],
      none,
    ),
    { stdio: 'ignore' },
  )
  let child: ChildProcess | undefined

  async function end(process: ChildProcess | undefined): Promise<void> {
    if (process === undefined || process.exitCode !== null || process.signalCode !== null) return
    const ended = once(process, 'exit')
    process.kill('SIGKILL')
    await ended
  }
  async function ask(url: string): Promise<string> {
    const [response] = await once(get(url, { ca: authority.certificate, agent: new Agent() }), 'response')
    return text(response)
  }
  const directoryUrl = `https://localhost:${acmePort}/dir`
  return {
    directoryUrl,
    caFile,
    httpPort: httpPort ?? 0,
    readRoot: () => ask(`https://localhost:${managementPort}/roots/0`),
    async start() {
      child = spawn(pebblePath ?? '', ['-config', file('pebble.json'), '-dnsserver', `127.0.0.1:${dnsPort}`], {
        env: { PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '5' },
        stdio: 'ignore',
      })
      await vi.waitFor(async () => expect(await ask(directoryUrl)).toContain('newOrder'), {
        timeout: 110_000,
        interval: 50,
      })
    },
    kill: () => end(child),
    async stop() {
      await end(child)
      await end(dns)
    },
  }
}

async function findFreePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}
