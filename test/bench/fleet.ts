import { systemClock } from '../../src/lib/clock.ts'
import { createDemo } from './demo-extension.ts'
import { round } from './figures.ts'
import { measurePlan } from './plan.ts'
import type { System } from './system.ts'

const idleSeconds = 60
const perProcess = 10_000

/**
 * Sizing of a large fleet: `servers` servers on one PostgreSQL, with `agentsPerServer` connected
 * agents each. Prints the cost of their connections while idle, the time of a plan for all, and the
 * tasks per second of an execution on all.
 */
export async function measureFleet(
  system: System,
  { servers, agentsPerServer }: { servers: number; agentsPerServer: number },
  print: (figures: object) => void,
): Promise<void> {
  const further = []
  for (let index = 1; index < servers; index++) further.push(await system.addServer())
  const all = [system, ...further]
  for (const [index, server] of all.entries()) {
    const fleet = await system.addFleet({
      count: agentsPerServer,
      connectRate: 1_000,
      server: server.url,
      perProcess,
      namePrefix: `sim-${index + 1}`,
    })
    print({
      bench: 'fleet-connect',
      server: index + 1,
      agents: agentsPerServer,
      seconds: round(fleet.connectedInMs / 1000, 1),
    })
  }
  const agents = servers * agentsPerServer
  const before = await usageOf(all)
  await systemClock.wait(idleSeconds * 1000)
  const after = await usageOf(all)
  print({
    bench: 'fleet-idle',
    servers,
    agents,
    serverRssMb: after.map(({ rssMb }) => Math.round(rssMb)),
    postgresMb: Math.round(after[0]?.childrenMb ?? 0),
    cpuPercentOfACore: after.map(({ cpuMs }, index) => round((cpuMs - (before[index]?.cpuMs ?? 0)) / idleSeconds / 10)),
  })
  print(await measurePlan(system, agents))
  print(await measureExecution(system, agents, all))
}

const usageOf = (servers: readonly Pick<System, 'usage'>[]) => Promise.all(servers.map((server) => server.usage()))

async function measureExecution(system: System, agents: number, all: readonly Pick<System, 'usage'>[]) {
  const { client } = system
  const name = `fleet-${Date.now()}`
  await createDemo(client, { name })
  const before = await usageOf(all)
  const { id } = await client.executions.start({
    action: 'install',
    extension: name,
    targets: { kind: 'all' },
    rateControl: { mode: 'Concurrency', concurrency: 1_000 },
  })
  for await (const event of client.executions.follow(id, { after: 2 ** 40 }))
    if (event.kind === 'execution' && event.execution.endedAt !== undefined) break
  const { status, startedAt = '', endedAt = '', counts } = await client.executions.get(id)
  const after = await usageOf(all)
  const seconds = (Date.parse(endedAt) - Date.parse(startedAt)) / 1000
  return {
    bench: 'fleet-execution',
    agents,
    status,
    counts,
    seconds: round(seconds),
    tasksPerSecond: Math.round(agents / seconds),
    cpuSeconds: after.map(({ cpuMs }, index) => round((cpuMs - (before[index]?.cpuMs ?? 0)) / 1000, 1)),
    serverRssMb: after.map(({ rssMb }) => Math.round(rssMb)),
    postgresMb: Math.round(after[0]?.childrenMb ?? 0),
  }
}
