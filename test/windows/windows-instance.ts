import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { vi } from 'vitest'
import type { CliSystem } from '../integration/cli/cli-system.ts'
import type { WineMachine, WineResult } from './wine-root.ts'

/** An agent in a Wine machine, installed as install.ps1 does it, from the archive of the server. */
export interface WindowsInstance {
  readonly id: string
  /** Folders of Windows. */
  readonly prefix: string
  readonly state: string
  /** The folder of the version in the prefix. */
  readonly program: string
  setup(...args: readonly string[]): Promise<WineResult>
  /** Removes it, as install.ps1 does: with a copy of the program, which cannot remove itself while it runs. */
  remove(...args: readonly string[]): Promise<WineResult>
  /** Process ids (Linux) of the agent. */
  agents(): Promise<number[]>
  /** Resolves when the instance has this status. */
  becomes(status: 'online' | 'offline'): Promise<void>
  /** What the agent logged. */
  readLog(): Promise<string>
}

/** PREFIX and STATE are in the folder that the machine shares, so that tests can look into them. */
export async function installWindowsAgent(
  system: CliSystem,
  machine: WineMachine,
  name: string,
): Promise<WindowsInstance> {
  const { stdout: token } = await system.run('token', 'create')
  const response = await fetch(`${system.server}/agent/bundle.tar.gz?os=windows&arch=x86_64`, {
    headers: { authorization: `Bearer ${token.trim()}` },
  })
  if (!response.ok) throw new Error(await response.text())
  const program = response.headers.get('x-agent-program') ?? ''
  const archive = join(machine.folder, 'bundle.tar.gz')
  const folder = join(machine.folder, 'Chandler Agent', program)
  await writeFile(archive, new Uint8Array(await response.arrayBuffer()))
  await machine.runLinux('mkdir', '-p', folder)
  await machine.runLinux('tar', '-xzf', archive, '-C', folder)
  const onWindows = (path: string) => `Z:${path.replaceAll('/', '\\')}`
  const prefix = onWindows(join(machine.folder, 'Chandler Agent'))
  const state = onWindows(join(machine.folder, 'state'))
  const node = `${prefix}\\${program}\\bin\\node.exe`
  const setupWith = (input: string, ...args: readonly string[]) =>
    machine.runWith(input, node, `${prefix}\\${program}\\bin\\chandler-agent.mjs`, 'setup', ...args)
  const places = ['--prefix', prefix, '--state', state]
  const installed = await setupWith(
    token,
    'install',
    '--server',
    system.server,
    '--token-file',
    '-',
    '--name',
    name,
    ...places,
  )
  if (installed.code !== 0)
    throw new Error(`setup ended with ${installed.code}: ${installed.stdout}${installed.stderr}`)
  const id = /enrolled as (i-\w+)/.exec(installed.stdout)?.[1] ?? ''
  const instance: WindowsInstance = {
    id,
    prefix,
    state,
    program,
    setup: (...args) => setupWith('', ...args, ...places),
    async remove(...args) {
      const copy = join(machine.folder, 'copy')
      await machine.runLinux('cp', '-r', folder, copy)
      const at = onWindows(copy)
      return machine.run(
        `${at}\\bin\\node.exe`,
        `${at}\\bin\\chandler-agent.mjs`,
        'setup',
        'remove',
        ...args,
        ...places,
      )
    },
    agents: () => machine.findProcesses('--service'),
    becomes: (status) =>
      vi.waitFor(
        async () => {
          const found = await system.json<{ status: string }>('instance', 'show', id)
          if (found.status !== status) throw new Error(`the instance is ${found.status}`)
        },
        { timeout: 110_000, interval: 250 },
      ),
    readLog: () => readFile(join(machine.folder, 'state/agent.log'), 'utf8').catch(() => ''),
  }
  await instance.becomes('online')
  return instance
}
