import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { exitCodeOfCopiedState } from '../../../src/agent/setup/unit-file.ts'
import type { ReportEntry } from '../../../src/protocol/agent-messages.ts'
import { findTestExecutable } from '../../agent-executable.ts'
import { type AgentPeer, enrolledId, makeAgentPeer, makeInvocation, type PeerConnection } from './agent-peer.ts'

const executable = findTestExecutable()
const program = fileURLToPath(new URL('agent-process.ts', import.meta.url))

let peer: AgentPeer
let folder: string
let state: string
const running = new Set<ChildProcess>()

beforeEach(async () => {
  peer = await makeAgentPeer()
  folder = await mkdtemp(join(tmpdir(), 'chandler-agent-'))
  state = join(folder, 'state')
})
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL')
  await peer.close()
  await rm(folder, { recursive: true, force: true })
})

interface GivenOptions {
  readonly server: string
  readonly stateDirectory: string
  readonly token?: string | undefined
  readonly tokenFile?: string
  readonly name?: string
  readonly tags?: Readonly<Record<string, string>>
}

/** The same options on the command line of the executable, which takes tokens from files only. */
function ofExecutable({
  server,
  stateDirectory,
  token,
  tokenFile,
  name,
  tags = {},
}: GivenOptions): [string, ...string[]] {
  if (executable === undefined) throw new Error('there is no executable')
  const file = tokenFile ?? join(folder, 'given-token')
  if (tokenFile === undefined && token !== undefined) writeFileSync(file, token, { mode: 0o600 })
  return [
    executable,
    '--server',
    server,
    '--state',
    stateDirectory,
    ...((tokenFile ?? token) ? ['--token-file', file] : []),
    ...(name === undefined ? [] : ['--name', name]),
    ...Object.entries(tags).map(([key, value]) => `--tag=${key}=${value}`),
  ]
}

function startAgent(options: Record<string, unknown> = {}) {
  const given: GivenOptions = { server: peer.url, stateDirectory: state, token: 'ct_token', name: 'web-1', ...options }
  const [file, ...args] =
    executable === undefined ? [process.execPath, program, JSON.stringify(given)] : ofExecutable(given)
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  running.add(child)
  let said = ''
  child.stderr.on('data', (data) => {
    said += data
  })
  const exited = new Promise<number | string>((resolve) =>
    // `close` instead of `exit`: by then all output has been read.
    child.on('close', (code, signal) => {
      running.delete(child)
      resolve(code ?? signal ?? 'unknown')
    }),
  )
  return { child, exited, said: () => said }
}

async function untilEnd(connection: PeerConnection): Promise<ReportEntry[]> {
  const entries: ReportEntry[] = []
  while (!entries.some(({ kind }) => kind === 'end')) {
    const report = await connection.next('report')
    entries.push(...report.entries)
    connection.send({ type: 'ack', upTo: report.id })
  }
  return entries
}

const installWith = (ordinal: number, install: string) => {
  const { wanted } = makeInvocation(1)
  if (wanted === undefined) throw new Error('an install wants something')
  const configuration = { ...wanted.configuration, scripts: { install } }
  return makeInvocation(ordinal, { wanted: { ...wanted, configuration } })
}

test('enrols, runs a real script, reports it, and exits with 0 on SIGTERM; the next start needs no token', async () => {
  const agent = startAgent({ tags: { env: 'prod' } })
  const connection = await peer.welcome()
  expect(peer.enrolments).toHaveLength(1)
  expect(peer.enrolments[0]).toMatchObject({ token: 'ct_token', name: 'web-1', tags: { env: 'prod' } })
  connection.send({ type: 'invocations', invocations: [installWith(1, '#!/bin/sh\necho hello from the script\n')] })
  const entries = await untilEnd(connection)
  const printed = entries.flatMap((entry) => (entry.kind === 'output' ? [Buffer.from(entry.data, 'base64')] : []))
  expect(Buffer.concat(printed).toString()).toContain('hello from the script')
  expect(entries.at(-1)).toMatchObject({ kind: 'end', outcome: { state: 'succeeded' } })
  agent.child.kill('SIGTERM')
  expect(await agent.exited).toBe(0)
  expect(await connection.closed).toBe(1000)

  const again = startAgent({ token: undefined })
  const server = await peer.accept()
  server.send({ type: 'challenge', nonce: 'n' })
  expect(await server.next('hello')).toMatchObject({ instanceId: enrolledId(0), open: [] })
  expect(peer.enrolments).toHaveLength(1)
  again.child.kill('SIGTERM')
  expect(await again.exited).toBe(0)
})

test('an idle agent that has grown starts again as the same process', async ({ skip }) => {
  skip(executable !== undefined, 'the limits of a program are fixed')
  const agent = startAgent({ memory: { growthBytes: -(2 ** 40), idleMs: 0, checkMs: 20 } })
  const connection = await peer.welcome()
  expect(await connection.closed).toBe(1000)

  const second = await peer.accept()
  second.send({ type: 'challenge', nonce: 'n' })
  expect(await second.next('hello')).toMatchObject({ instanceId: enrolledId(0), open: [] })
  second.send({ type: 'welcome', serverTime: Date.now(), heartbeatMs: 30_000 })
  second.send({ type: 'invocations', invocations: [installWith(1, '#!/bin/sh\nexit 0\n')] })
  expect((await untilEnd(second)).at(-1)).toMatchObject({ kind: 'end', outcome: { state: 'succeeded' } })
  expect(peer.enrolments).toHaveLength(1)
  expect(agent.child.exitCode).toBeNull()
  agent.child.kill('SIGTERM')
  expect(await agent.exited).toBe(0)
  expect(agent.said()).toContain('starts again to return memory')
})

test('on SIGTERM a running script continues, and the next agent reports its end', async () => {
  const started = join(folder, 'started')
  const go = join(folder, 'go')
  const script = `#!/bin/sh\necho $$ > ${started}\nwhile [ ! -e ${go} ]; do sleep 0.05; done\necho done late\nexit 3\n`
  const agent = startAgent()
  const connection = await peer.welcome()
  connection.send({ type: 'invocations', invocations: [installWith(1, script)] })
  // It keeps acknowledging, like a server.
  connection.socket.on('message', (data) => {
    const message = JSON.parse((data as Buffer).toString())
    if (message.type === 'report') connection.send({ type: 'ack', upTo: message.id })
  })
  await expect
    .poll(
      () =>
        stat(started).then(
          () => true,
          () => false,
        ),
      { timeout: 110_000 },
    )
    .toBe(true)
  agent.child.kill('SIGTERM')
  expect(await agent.exited).toBe(0)
  const pid = Number(await readFile(started, 'utf8'))
  expect(() => process.kill(pid, 0)).not.toThrow()
  await writeFile(go, '')

  const again = startAgent()
  const second = await peer.accept()
  second.send({ type: 'challenge', nonce: 'n' })
  expect((await second.next('hello')).open).toEqual(['inv-abc-1-1'])
  second.send({ type: 'welcome', serverTime: Date.now(), heartbeatMs: 30_000 })
  const entries = await untilEnd(second)
  expect(entries.at(-1)).toMatchObject({ kind: 'end', outcome: { state: 'failed', exitCode: 3 } })
  again.child.kill('SIGTERM')
  expect(await again.exited).toBe(0)
})

test('killed before it received its id, it enrols again with the same key', async () => {
  const silent = await makeAgentPeer()
  silent.holdEnrolments()
  const agent = startAgent({ server: silent.url })
  await expect.poll(() => silent.enrolments.length, { timeout: 110_000 }).toBe(1)
  agent.child.kill('SIGKILL')
  await agent.exited
  const again = startAgent()
  await peer.welcome()
  expect(peer.enrolments[0]?.publicKey).toBe(silent.enrolments[0]?.publicKey)
  again.child.kill('SIGTERM')
  expect(await again.exited).toBe(0)
  await silent.close()
})

test('a second agent on the same directory names the process that holds it, and exits', async () => {
  const first = startAgent()
  await peer.welcome()
  const second = startAgent()
  expect(await second.exited).toBe(1)
  expect(second.said()).toContain(`another agent (process ${first.child.pid}) uses the state directory ${state}`)
  first.child.kill('SIGKILL')
  await first.exited
  const third = startAgent()
  await peer.welcome()
  third.child.kill('SIGTERM')
  expect(await third.exited).toBe(0)
})

test('a directory from another machine is not used', async () => {
  const first = startAgent()
  await peer.welcome()
  first.child.kill('SIGTERM')
  await first.exited
  const path = join(state, 'identity.json')
  const identity = JSON.parse(await readFile(path, 'utf8'))
  expect(Object.keys(identity.fingerprint)).not.toEqual([])
  for (const part of Object.keys(identity.fingerprint)) identity.fingerprint[part] = 'f'.repeat(64)
  await writeFile(path, JSON.stringify(identity))
  const copy = startAgent()
  // The program has an exit code of its own for this.
  expect(await copy.exited).toBe(executable === undefined ? 1 : exitCodeOfCopiedState)
  expect(copy.said()).toContain('was made on another machine')
  expect(peer.connections).toHaveLength(1)
})

test('removed at the server: one clear line, and the exit code after which systemd does not start it again', async () => {
  const agent = startAgent()
  const connection = await peer.accept()
  connection.send({ type: 'refused', code: 'InstanceRemoved', message: 'This instance was removed.', retry: false })
  expect(await agent.exited).toBe(77)
  expect(agent.said()).toContain('refuses this instance permanently: This instance was removed. (InstanceRemoved)')
})

test.each([
  ['without a token', { token: undefined }, /not enrolled yet.*--token/],
  ['with something that is no server', { server: 'chandler.example' }, /"chandler\.example" is not a server URL/],
  ['with a scheme that is none of ours', { server: 'ftp://x' }, /"ftp:\/\/x" is not a server URL/],
])('%s it prints the fix, and exits', async (_, options, why) => {
  const agent = startAgent(options)
  expect(await agent.exited).toBe(1)
  expect(agent.said()).toMatch(why)
})

test('SIGTERM while it waits for an unreachable server ends it with 0', async () => {
  const agent = startAgent({ server: 'http://127.0.0.1:1' })
  await expect.poll(agent.said, { timeout: 110_000 }).toContain('cannot enrol at http://127.0.0.1:1')
  agent.child.kill('SIGTERM')
  expect(await agent.exited).toBe(0)
})
