import { expect, vi } from 'vitest'
import type { Client } from '../../src/client/client.ts'
import { createSystem, type Server } from '../faults/system.ts'
import type { Container } from './container.ts'
import { agentPrefix, agentVersion, type ContainerHost, findObstacle, startContainerHost } from './container-host.ts'

/** A server on this machine, and agents in containers. */
export interface LiveSystem {
  readonly server: Server
  readonly client: Client
  readonly host: ContainerHost
  /** A container that runs, with an agent as a service that is connected. */
  addInstance(name: string, options?: { readonly serverUrl?: string }): Promise<LiveInstance>
  /** Resolves when the instance of this name is online; gives its id. */
  untilOnline(name: string): Promise<string>
  describe(): Promise<string>
  stop(): Promise<void>
}

export interface LiveInstance {
  readonly id: string
  readonly container: Container
}

const obstacle = findObstacle()

/** Why these tests cannot run here; undefined if they can. In CI they run or fail. */
export const skipReason = process.env['CI'] === undefined ? obstacle : undefined

export async function startLiveSystem(): Promise<LiveSystem> {
  if (obstacle !== undefined) throw new Error(obstacle)
  const system = await createSystem()
  const [server, host] = await Promise.all([system.addServer(), startContainerHost()])
  const { client } = server
  const untilOnline = (name: string) =>
    vi.waitFor(
      async () => {
        const found = (await client.instances.list({ status: 'online' })).items.find((one) => one.name === name)
        expect(found, `${name} is online`).toBeDefined()
        return found?.id ?? ''
      },
      { timeout: 110_000, interval: 50 },
    )
  return {
    server,
    client,
    host,
    async addInstance(name, { serverUrl = server.url } = {}) {
      const container = await host.add(name)
      await container.boot()
      await container.write('/root/token', (await client.joinTokens.create({ uses: 1 })).token, 0o600)
      await setUp(container, agentVersion, '--server', serverUrl, '--token-file', '/root/token')
      return { container, id: await untilOnline(name) }
    },
    untilOnline,
    describe: async () => `${system.describe()}\n${await host.describe()}`,
    async stop() {
      await host.stop()
      await system.stop()
    },
  }
}

/** `chandler-agent setup install` of a version in the prefix; it has to succeed. */
export async function setUp(container: Container, version: string, ...args: string[]): Promise<string> {
  return container.ask(`${agentPrefix}/${version}/bin/chandler-agent`, 'setup', 'install', ...args)
}

/** Properties of a unit as systemd has them. */
export async function showUnit(
  container: Container,
  unit: string,
  ...names: string[]
): Promise<Record<string, string>> {
  const shown = await container.ask('systemctl', 'show', unit, `--property=${names.join(',')}`)
  return Object.fromEntries(
    shown
      .trim()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
}
