/**
 * `npm run bench [-- NAME… [--large]]`: prints one JSON line for each figure of the budgets
 * (docs/benchmarks.md). Runs real processes on this machine: the load generator, the server and its
 * PostgreSQL share its cores.
 */
import { parseArgs } from 'node:util'
import { measureAgentFootprint } from './agent-footprint.ts'
import { measureAssignment } from './assignment.ts'
import { measureConsoleFrames } from './console/console-frames.ts'
import { measureConsoleLoad } from './console/console-load.ts'
import { measureDownload, measureManyDownloads } from './download.ts'
import { budget } from './figures.ts'
import { measureFleet } from './fleet.ts'
import { measureGrowth } from './growth.ts'
import { measureIdle } from './idle.ts'
import { measureLatency } from './latency.ts'
import { measureLists } from './lists.ts'
import { measureNarrowLists } from './narrow-lists.ts'
import { measurePlan } from './plan.ts'
import { measureRealInstalls } from './real-installs.ts'
import { measureReconnect } from './reconnect.ts'
import { type System, startSystem } from './system.ts'
import { measureThroughput } from './throughput.ts'
import { measureTrueScripts } from './true-scripts.ts'

/**
 * `--large`: also growth to ten times as many targets as agents; takes minutes. `--agents`: the
 * number of connected agents for it, at most 10,000; its budgets assume 10,000.
 */
const { positionals: names, values } = parseArgs({
  allowPositionals: true,
  options: { large: { type: 'boolean', default: false }, agents: { type: 'string', default: '10000' } },
})
const agents = Number(values.agents)
if (!Number.isInteger(agents) || agents < 10 || agents > 10_000)
  throw new Error(`--agents ${values.agents}: it is a whole number from 10 to 10000`)

type Print = (figures: object) => void

const withTls = new Set(['reconnect-tls'])

const benches: Record<string, (system: System, print: Print) => Promise<void>> = {
  async start(system, print) {
    const warmMs = Math.round(await system.restart())
    print({ bench: 'start', coldMs: Math.round(system.startedInMs), warmMs, ...budget('warm ≤ 2 s', warmMs <= 2_000) })
  },
  async latency(system, print) {
    await system.addFleet({ count: 1 })
    print(await measureLatency(system, 'simulated', 100))
  },
  async 'latency-real'(system, print) {
    await system.addFleet({ count: 1, scripts: 'real' })
    print(await measureLatency(system, 'real', 100))
  },
  async 'real-installs'(system, print) {
    print(await measureRealInstalls(system))
  },
  async 'true-500'(system, print) {
    print(await measureTrueScripts(system))
  },
  async 'agent-footprint'(system, print) {
    for (const figures of await measureAgentFootprint(system)) print(figures)
  },
  async download(system, print) {
    print(await measureDownload(system))
    print(await measureManyDownloads(system))
  },
  async lists(system, print) {
    for await (const figures of measureLists(system)) print(figures)
    for await (const figures of measureNarrowLists(system)) print(figures)
  },
  async assignment(system, print) {
    for await (const figures of measureAssignment(system)) print(figures)
  },
  async 'console-load'(system, print) {
    print(await measureConsoleLoad(system))
  },
  async 'console-frames'(system, print) {
    for await (const figures of measureConsoleFrames(system)) print(figures)
  },
  async throughput(system, print) {
    const fleet = await system.addFleet({ count: 1_000 })
    print({ bench: 'connect', agents: 1_000, seconds: fleet.connectedInMs / 1000 })
    print(await measureThroughput(system, 1_000, 100))
    print(await measureThroughput(system, 1_000, 1_000))
  },
  async fleet(system, print) {
    await measureFleet(system, { servers: 6, agentsPerServer: Math.ceil((agents * 10) / 6) }, print)
  },
  async reconnect(system, print) {
    await system.addFleet({ count: agents, connectRate: 1_000 })
    print(await measureReconnect(system, { agents, tls: false }))
  },
  async 'reconnect-tls'(system, print) {
    // A process does its side of the handshakes on one core, as slowly as the server.
    await system.addFleet({ count: agents, connectRate: 250, perProcess: Math.ceil(agents / 4) })
    print(await measureReconnect(system, { agents, tls: true }))
  },
  async growth(system, print) {
    const fleet = await system.addFleet({ count: agents, connectRate: 1_000 })
    print({ bench: 'connect', agents, seconds: Math.round(fleet.connectedInMs / 100) / 10 })
    print(await measureIdle(system, agents, 30))
    print(await measurePlan(system, agents))
    print(await measureThroughput(system, agents, 1_000))
    print(await measureGrowth(system, agents, values.large))
  },
}

/** Takes minutes and gigabytes: only by its name. */
const onlyByName = new Set(['fleet'])

for (const name of names.length > 0 ? names : Object.keys(benches).filter((one) => !onlyByName.has(one))) {
  const bench = benches[name]
  if (!bench) throw new Error(`there is no benchmark ${name}; there are ${Object.keys(benches).join(', ')}`)
  const system = await startSystem({ tls: withTls.has(name) })
  try {
    await bench(system, (figures) => console.log(JSON.stringify(figures)))
  } finally {
    await system.stop()
  }
}
