// Agents download from a real S3 server whose certificate is from a company's CA, as the operator adds it to Debian.
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, onTestFailed, onTestFinished, test, vi } from 'vitest'
import { compileAgent } from '../../scripts/release/compile-agent.ts'
import { createS3Clients } from '../../src/objects/s3-client.ts'
import { createAuthority, issueServerCertificate } from '../../src/server/tls/sign-certificate.ts'
import { startProgram } from '../faults/program.ts'
import { accessKey, type Server as ChandlerServer, createSystem, type System } from '../faults/system.ts'
import { startPipedScript } from '../integration/agent/piped-script.ts'
import { findObstacle } from '../systemd/container-host.ts'
import { type Machine, prepareMachines, startMachine } from './machine.ts'
import { type SwiftServer, startSwift } from './swift-server.ts'

const obstacle = process.arch === 'x64' ? findObstacle() : 'the roots are made on x86_64'
const patience = { timeout: 110_000, interval: 100 }
const bucket = 'company'

// In CI these tests run or fail; elsewhere they need Linux on x86_64, root and apt.
describe.skipIf(process.env['CI'] === undefined && obstacle !== undefined)('a bucket with a CA of the company', () => {
  let work: string
  let ca: string
  let swift: SwiftServer
  /** The store as instances see it: HTTPS. */
  let store: Server
  let system: System
  let server: ChandlerServer
  const downloads: string[] = []
  const refusals = { count: 0 }

  beforeAll(async () => {
    if (obstacle !== undefined) throw new Error(obstacle)
    work = await mkdtemp(join(tmpdir(), 'chandler-company-s3-'))
    compileAgent(join(work, 'agents'), ['linux-x64'])
    const started = [prepareMachines(), startSwift()] as const
    swift = (await Promise.all(started))[1]
    const authority = await createAuthority(Date.now())
    ca = authority.certificate
    await writeFile(join(work, 'ca.pem'), ca)
    const { certificate, privateKey } = await issueServerCertificate(authority, ['localhost'], Date.now())
    // The head is passed on unchanged: requests are signed with their host.
    store = createServer({ key: privateKey, cert: certificate }, (asked, answer) => {
      if (asked.method === 'GET' && asked.url?.includes('X-Amz-Signature')) downloads.push(asked.url)
      const { hostname, port } = new URL(swift.endpoint)
      const { method, url: path, headers } = asked
      const passed = request({ hostname, port, method, path, headers, setHost: false }, (from) => {
        answer.writeHead(from.statusCode ?? 502, from.headers)
        from.pipe(answer)
      })
      passed.on('error', (error) => answer.destroy(error))
      asked.pipe(passed)
    })
    store.on('tlsClientError', () => refusals.count++)
    store.listen(0, '127.0.0.1')
    await once(store, 'listening')
    const endpoint = `https://localhost:${(store.address() as AddressInfo).port}`
    const { credentials } = swift
    const plain = { bucket, prefix: '', region: 'us-east-1', endpoint: swift.endpoint, pathStyle: true }
    await createS3Clients(plain, { credentials }).client.send(new CreateBucketCommand({ Bucket: bucket }))
    system = await createSystem()
    server = await system.addServer({
      environment: {
        CHANDLER_OBJECTS: `s3://${bucket}/server`,
        CHANDLER_S3_ENDPOINT: endpoint,
        CHANDLER_S3_PATH_STYLE: 'true',
        CHANDLER_AGENT_EXECUTABLES: join(work, 'agents'),
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_EC2_METADATA_DISABLED: 'true',
        // OpenSSL reads the CAs of the system from this file.
        SSL_CERT_FILE: join(work, 'ca.pem'),
      },
    })
  }, 600_000)
  afterAll(async () => {
    await system?.stop()
    store?.close()
    await swift?.remove()
    await rm(work, { recursive: true, force: true })
  })

  async function chandler(...args: string[]): Promise<string> {
    const { accessKeyId, accessKeySecret } = accessKey
    const program = startProgram(args, {
      CHANDLER_SERVER: server.url,
      CHANDLER_ACCESS_KEY_ID: accessKeyId,
      CHANDLER_ACCESS_KEY_SECRET: accessKeySecret,
    })
    const code = await program.ended
    const said = program.log.join('\n')
    if (code !== 0) throw new Error(`chandler ${args.join(' ')} ended with ${code}:\n${said}`)
    return said
  }

  function startAgent(machine: Machine): void {
    const program = '/opt/chandler-agent/current/bin/chandler-agent'
    const command = `echo $$ > /tmp/agent; exec ${program} --server ${server.url} --state /var/lib/chandler-agent`
    machine.start('sh', '-c', command)
  }

  async function addMachine(name: string): Promise<Machine> {
    const machine = await startMachine('debian-12')
    onTestFinished(() => machine.stop())
    onTestFailed(() => console.error(machine.said()))
    const { token } = await server.client.joinTokens.create({ uses: 1 })
    const script = await (await fetch(`${server.url}/install.sh`)).text()
    const args = ['--token', token, '--no-service', '--name', name]
    const installed = await startPipedScript(script, args, '/', { inside: machine.enter }).ended
    expect(installed, installed.said).toMatchObject({ code: 0 })
    return machine
  }

  const isOnline = (name: string) =>
    vi.waitFor(async () => {
      const { items } = await server.client.instances.list({ status: 'online' })
      expect(items.map((one) => one.name)).toContain(name)
    }, patience)

  function trustCompany(machine: Machine): void {
    const file = '/usr/local/share/ca-certificates/company.crt'
    machine.ask('sh', '-c', `printf %s "$1" > ${file}; update-ca-certificates`, 'sh', ca)
  }

  test('an agent whose system trusts it downloads from the store; another one says why it cannot, until its system does', async () => {
    const extension = join(work, 'tool')
    await mkdir(extension)
    await writeFile(join(extension, 'greeting'), 'from the bucket\n')
    execFileSync('tar', ['-C', extension, '-czf', join(extension, 'tool.tar.gz'), 'greeting'])
    await writeFile(
      join(extension, 'extension.yaml'),
      'name: tool\nconfigurations:\n  - { os: linux, artifact: tool.tar.gz, unpack: true, install: install.sh, uninstall: install.sh }\n',
    )
    await writeFile(join(extension, 'install.sh'), '#!/bin/sh\ncp greeting /opt/greeting\n')
    await chandler('extension', 'create', extension)
    const install = (name: string) => chandler('install', 'tool', '--targets', `name:${name}`, '--yes')

    const trusting = await addMachine('trusting')
    trustCompany(trusting)
    startAgent(trusting)
    await isOnline('trusting')
    await install('trusting')
    expect(trusting.ask('cat', '/opt/greeting')).toBe('from the bucket\n')
    expect(downloads).toHaveLength(1)
    expect(refusals.count).toBe(0)

    const doubting = await addMachine('doubting')
    startAgent(doubting)
    await isOnline('doubting')
    await expect(install('doubting')).rejects.toThrow(
      /tool\.tar\.gz could not be downloaded: the certificate of localhost:\d+ is not from a CA that this machine trusts/,
    )
    expect(refusals.count).toBeGreaterThan(0)
    expect(downloads).toHaveLength(1)
    trustCompany(doubting)
    doubting.ask('sh', '-c', 'kill $(cat /tmp/agent)')
    startAgent(doubting)
    await isOnline('doubting')
    await install('doubting')
    expect(doubting.ask('cat', '/opt/greeting')).toBe('from the bucket\n')
    expect(downloads).toHaveLength(2)
  }, 240_000)
})
