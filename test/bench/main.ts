/**
 * `npm run bench [-- NAME…]`: prints one JSON line for each figure of the budgets (docs/benchmarks.md). Real processes on this machine:
 * the load generator, the server and its PostgreSQL share its cores. Names: throughput, growth, latency, idle, plan, start.
 */
import { measureIdle } from './idle.ts'
import { measureLatency } from './latency.ts'
import { measurePlan } from './plan.ts'
import { type System, startSystem } from './system.ts'
import { measureThroughput } from './throughput.ts'

type Print = (figures: object) => void

const benches: Record<string, (system: System, print: Print) => Promise<void>> = {
  async start(system, print) {
    print({ bench: 'start', coldMs: Math.round(system.startedInMs), warmMs: Math.round(await system.restart()) })
  },
  async latency(system, print) {
    await system.addFleet({ count: 1 })
    const [instance] = (await system.client.instances.list({ maxResults: 1 })).items
    print(await measureLatency(system, instance?.id as string, 100))
  },
  async throughput(system, print) {
    const fleet = await system.addFleet({ count: 1_000 })
    print({ bench: 'connect', agents: 1_000, seconds: fleet.connectedInMs / 1000 })
    print(await measureThroughput(system, 1_000, 100))
    print(await measureThroughput(system, 1_000, 1_000))
  },
  async growth(system, print) {
    const fleet = await system.addFleet({ count: 10_000, connectRate: 1_000 })
    print({ bench: 'connect', agents: 10_000, seconds: Math.round(fleet.connectedInMs / 100) / 10 })
    print(await measureIdle(system, 10_000, 30))
    print(await measurePlan(system, 10_000))
    print(await measureThroughput(system, 10_000, 1_000))
  },
}

const names = process.argv.slice(2)
for (const name of names.length > 0 ? names : Object.keys(benches)) {
  const bench = benches[name]
  if (!bench) throw new Error(`there is no benchmark ${name}; there are ${Object.keys(benches).join(', ')}`)
  const system = await startSystem()
  try {
    await bench(system, (figures) => console.log(JSON.stringify(figures)))
  } finally {
    await system.stop()
  }
}
