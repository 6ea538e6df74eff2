import { systemClock } from '../../src/lib/clock.ts'
import type { System } from './system.ts'
import { round } from './throughput.ts'

/** What agents that are connected and have nothing to do cost the server (its PostgreSQL beside it). */
export async function measureIdle(system: System, agents: number, seconds: number) {
  const before = await system.usage()
  const from = performance.now()
  await systemClock.wait(seconds * 1000)
  const after = await system.usage()
  return {
    bench: 'idle',
    agents,
    seconds,
    serverRssMb: Math.round(after.rssMb),
    postgresMb: Math.round(after.childrenMb),
    cpuPercentOfACore: round(((after.cpuMs - before.cpuMs) / (performance.now() - from)) * 100),
  }
}
