// An agent process whose machine reboots: the reboot command of the test changes the boot id and
// kills the agent, as a reboot does. The next process is the agent after the boot.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ReportEntry } from '../../../src/protocol/agent-messages.ts'
import { agentProtocolVersion } from '../../../src/protocol/versions.ts'
import { type AgentPeer, makeAgentPeer, makeInvocation, type PeerConnection } from './agent-peer.ts'

const program = fileURLToPath(new URL('agent-process.ts', import.meta.url))

let peer: AgentPeer
let folder: string
const running = new Set<ChildProcess>()

beforeEach(async () => {
  peer = await makeAgentPeer()
  folder = await mkdtemp(join(tmpdir(), 'chandler-reboot-'))
  await writeFile(join(folder, 'boot-id'), 'boot-1\n')
})
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL')
  await peer.close()
  await rm(folder, { recursive: true, force: true })
})

function startAgent(rebootCommand: string) {
  const options = { server: peer.url, stateDirectory: join(folder, 'state'), token: 'ct_token', name: 'web-1' }
  const child = spawn(process.execPath, [program, JSON.stringify(options)], {
    stdio: 'ignore',
    env: {
      ...process.env,
      CHANDLER_AGENT_REBOOT_COMMAND: rebootCommand,
      CHANDLER_AGENT_BOOT_ID_FILE: join(folder, 'boot-id'),
    },
  })
  running.add(child)
  const exited = new Promise<number | string>((resolve) =>
    child.on('close', (code, signal) => {
      running.delete(child)
      resolve(code ?? signal ?? 'unknown')
    }),
  )
  return { exited }
}

const requestReboot = () => {
  const { wanted } = makeInvocation(1)
  if (wanted === undefined) throw new Error('an install wants something')
  const install = `echo install >> ${folder}/ledger; exit 194`
  const output = `echo output >> ${folder}/ledger; echo after the reboot`
  const configuration = { ...wanted.configuration, scripts: { install, output } }
  return makeInvocation(1, { wanted: { ...wanted, configuration }, reboot: { timeoutMs: 60_000 } })
}

const welcome = () => peer.welcome(30_000, agentProtocolVersion)

const ledger = async () => (await readFile(join(folder, 'ledger'), 'utf8')).trim().split('\n')

/** Acknowledges reports until one has the entry; returns everything before it, too. */
async function reportsUntil(connection: PeerConnection, isLast: (entry: ReportEntry) => boolean) {
  const entries: ReportEntry[] = []
  while (!entries.some(isLast)) {
    const report = await connection.next('report')
    entries.push(...report.entries)
    connection.send({ type: 'ack', upTo: report.id })
  }
  return entries
}

const isEnd = ({ kind }: ReportEntry) => kind === 'end'
const isRebooting = (entry: ReportEntry) => entry.kind === 'state' && entry.state === 'rebooting'

test('the server hears that the machine reboots, then the machine goes down; after the boot the next step follows', async () => {
  const command = `echo reboot >> ${folder}/ledger; echo boot-2 > ${folder}/boot-id; kill -KILL $PPID`
  const agent = startAgent(command)
  const connection = await welcome()
  connection.send({ type: 'invocations', invocations: [requestReboot()] })
  const before = await reportsUntil(connection, isRebooting)
  expect(before.at(-1)).toMatchObject({ state: 'rebooting', reboots: 1 })
  expect(await agent.exited).toBe('SIGKILL')
  startAgent(command)
  const again = await welcome()
  const entries = await reportsUntil(again, isEnd)
  expect(entries.at(-1)).toMatchObject({
    outcome: {
      state: 'succeeded',
      reasonCode: 'Succeeded',
      reason: 'Installed v1. The instance was rebooted.',
      output: 'after the reboot\n',
    },
  })
  expect(await ledger()).toEqual(['install', 'reboot', 'output'])
})

test('a server that is away does not prevent the reboot', async () => {
  const command = `echo reboot >> ${folder}/ledger; echo boot-2 > ${folder}/boot-id; kill -KILL $PPID`
  const agent = startAgent(command)
  const connection = await welcome()
  // No report is acknowledged.
  connection.send({ type: 'invocations', invocations: [requestReboot()] })
  expect(await agent.exited).toBe('SIGKILL')
  startAgent(command)
  const entries = await reportsUntil(await welcome(), isEnd)
  expect(entries.some(isRebooting)).toBe(true)
  expect(entries.at(-1)).toMatchObject({ outcome: { state: 'succeeded' } })
  expect(await ledger()).toEqual(['install', 'reboot', 'output'])
})

test('a reboot command that fails: its error is the reason, and the agent continues', async () => {
  startAgent('echo "not today" >&2; exit 7')
  const connection = await welcome()
  connection.send({ type: 'invocations', invocations: [requestReboot()] })
  const entries = await reportsUntil(connection, isEnd)
  expect(entries.at(-1)).toMatchObject({
    outcome: {
      state: 'failed',
      reasonCode: 'RebootFailed',
      reason:
        'The instance could not be rebooted: the command "echo "not today" >&2; exit 7" failed with exit code 7: not today.',
      installed: { status: 'broken' },
    },
  })
  expect(await ledger()).toEqual(['install'])
})
