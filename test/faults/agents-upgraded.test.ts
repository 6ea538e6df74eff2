import { execFile, spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, open, readdir, readFile, readlink, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ExecutionView, TaskView } from '../../src/protocol/api/executions.ts'
import type { InstanceView } from '../../src/protocol/api/instances.ts'
import { findTestExecutable } from '../agent-executable.ts'
import { startPipedScript } from '../integration/agent/piped-script.ts'
import {
  findSystemdObstacle,
  makeScriptedSystemd,
  type ScriptedSystemd,
} from '../integration/agent/scripted-systemctl.ts'
import { type CliSystem, startCliSystem } from '../integration/cli/cli-system.ts'

// Twenty real agents, each with a service manager of its own (only systemd is scripted), and one execution.
const run = promisify(execFile)
const obstacle = findSystemdObstacle()
const older = '0.0.9-0123456789ab'
const count = 20
/** Installations at once: each one waits a second to see that the agent stays. */
const atOnce = 5
/** The third batch has it: before and after it, others are upgraded. */
const broken = 'host-9'

interface Host {
  readonly name: string
  readonly prefix: string
  readonly state: string
  readonly systemd: ScriptedSystemd
}

let system: CliSystem
let folder: string
/** The program that the server provides. */
let newest: string
let hosts: readonly Host[] = []

beforeAll(async () => {
  if (obstacle !== undefined) return
  const executable = findTestExecutable()
  system = await startCliSystem(
    executable === undefined ? {} : { CHANDLER_AGENT_EXECUTABLES: dirname(dirname(executable)) },
  )
  folder = await mkdtemp(join(tmpdir(), 'chandler-twenty-'))
  await chmod(folder, 0o755)
  hosts = await Promise.all(Array.from({ length: count }, (_, index) => makeHost(`host-${index + 1}`)))
})
afterAll(async () => {
  if (obstacle !== undefined) return
  await Promise.all(hosts.map((host) => inside(host, 'systemctl', 'stop')))
  await system.stop()
  await rm(folder, { recursive: true })
})

async function makeHost(name: string): Promise<Host> {
  const own = join(folder, name)
  await mkdir(own)
  return { name, prefix: join(own, 'opt'), state: join(own, 'state'), systemd: await makeScriptedSystemd(own) }
}

function inside({ systemd }: Host, ...args: string[]) {
  const [program = '', ...words] = systemd.inside
  return run(program, [...words, ...args])
}

/** install.sh gives the first machine its program; the others get links to the same files. */
async function installOlder(first: Host, others: readonly Host[]): Promise<void> {
  const { token } = await system.json<{ token: string }>('token', 'create', '--uses', String(count))
  const script = await (await fetch(`${system.server}/install.sh`)).text()
  const places = ['--prefix', first.prefix, '--state', first.state]
  const args = ['--token', token, '--name', first.name, ...places, '--no-service']
  const { code, said } = await startPipedScript(script, args, folder, { inside: first.systemd.inside }).ended
  expect(code, said).toBe(0)
  newest = await readlink(join(first.prefix, 'current'))
  await rename(join(first.prefix, newest), join(first.prefix, older))
  for (const { prefix } of others) {
    await mkdir(prefix)
    link(join(first.prefix, older), join(prefix, older))
  }
  const all = [first, ...others]
  for (let done = 0; done < all.length; done += atOnce)
    await Promise.all(all.slice(done, done + atOnce).map((host) => setUp(host, token)))
}

const link = (from: string, to: string) => expect(spawnSync('cp', ['-al', from, to]).status).toBe(0)

async function setUp({ name, prefix, state, systemd }: Host, token: string): Promise<void> {
  const text = `exec ${prefix}/${older}/bin/chandler-agent setup install "$@" --token-file - <<END\n${token}\nEND\n`
  const args = ['--server', system.server, '--name', name, '--prefix', prefix, '--state', state]
  const { code, said } = await startPipedScript(text, args, folder, { inside: systemd.inside }).ended
  expect(code, said).toBe(0)
}

/** A new version that runs and answers `setup`, but connects to an address where no server is. */
async function placeBroken({ prefix }: Host, from: string): Promise<void> {
  const bin = join(prefix, newest, 'bin')
  link(from, join(prefix, newest))
  await rename(join(bin, 'chandler-agent'), join(bin, 'chandler-agent.elf'))
  const text = `#!/bin/sh
real=$(dirname "$(readlink -f "$0")")/chandler-agent.elf
[ "$1" = setup ] || set -- "$@" --server http://127.0.0.1:9
exec "$real" "$@"
`
  await writeFile(join(bin, 'chandler-agent'), text, { mode: 0o755 })
}

const listInstances = () => system.json<InstanceView[]>('instance', 'list')
const readPrograms = async () =>
  Object.fromEntries(
    (await listInstances()).map(({ name, status, facts }) => [name, `${status} ${facts.agentProgram}`]),
  )

test('one execution upgrades twenty agents in batches while scripts run on them; one gets a version that cannot connect', async ({
  skip,
}) => {
  skip(obstacle !== undefined, `no scripted service manager here: ${obstacle}`)
  const [first, ...others] = hosts
  if (first === undefined) throw new Error('no hosts')
  await installOlder(first, others)
  const everyone = (program: string) => Object.fromEntries(hosts.map(({ name }) => [name, `online ${program}`]))
  await expect.poll(readPrograms, { timeout: 110_000 }).toEqual(everyone(older))
  const unlucky = hosts.find(({ name }) => name === broken) ?? first
  await placeBroken(unlucky, join(first.prefix, older))

  // Each script waits in `read` until the test opens and closes the pipe.
  const ledgers = join(folder, 'ledgers')
  const pipe = join(folder, 'go')
  await mkdir(ledgers)
  expect(spawnSync('mkfifo', [pipe]).status).toBe(0)
  const ledger = `"${ledgers}/$CHANDLER_INSTANCE_ID"`
  const text = `echo begin >>${ledger}; read -r _ <${pipe}; echo end >>${ledger}`
  const running = system.start('run', '--targets', 'all', '--timeout', '10m', '--concurrency', '20', '--', text)
  const readLedgers = async () =>
    Promise.all((await readdir(ledgers)).map((file) => readFile(join(ledgers, file), 'utf8')))
  await expect.poll(readLedgers, { timeout: 110_000 }).toEqual(hosts.map(() => 'begin\n'))

  const batches = ['--batch', '1,10%,50%', '--max-errors', '1']
  const options = [...batches, '--connect-timeout', '30s', '-o', 'json']
  const { stdout } = await system.run('agent', 'upgrade', '--targets', 'all', ...options)
  const { id } = JSON.parse(stdout) as { id: string }
  const execution = await system.json<ExecutionView & { readonly tasks: readonly TaskView[] }>('execution', 'show', id)
  expect(execution.batches.map(({ size }) => size)).toEqual([1, 2, 10, 7])
  // The true version of each agent: from the agent that runs, from the link on its machine, and from its task.
  const isBroken = (name: string) => name === broken
  await expect.poll(readPrograms).toEqual({ ...everyone(newest), [broken]: `online ${older}` })
  for (const { name, prefix } of hosts)
    expect([name, await readlink(join(prefix, 'current'))]).toEqual([name, isBroken(name) ? older : newest])
  const outcomes = Object.fromEntries(execution.tasks.map(({ instanceName, status }) => [instanceName, status]))
  expect(outcomes).toEqual(Object.fromEntries(hosts.map(({ name }) => [name, isBroken(name) ? 'Failed' : 'Success'])))
  for (const { instanceName, reason } of execution.tasks)
    expect(reason).toContain(
      isBroken(instanceName)
        ? `The earlier agent, ${older}, runs again`
        : `agent ${newest} replaces ${older} and is connected`,
    )
  const failed = execution.tasks.find(({ instanceName }) => instanceName === broken)
  expect(failed?.reason).toContain(`agent ${newest} did not connect to ${system.server} within 30 s`)
  expect(await readLedgers()).toEqual(hosts.map(() => 'begin\n'))

  await (await open(pipe, 'w')).close()
  expect((await running.ended).code).toBe(0)
  expect(await readLedgers()).toEqual(hosts.map(() => 'begin\nend\n'))
}, 600_000)
