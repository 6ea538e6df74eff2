import { systemClock } from '../../src/lib/clock.ts'
import { budget, round } from './figures.ts'
import type { System } from './system.ts'

/** Cost of idle connected agents for the server and its PostgreSQL. */
export async function measureIdle(system: System, agents: number, seconds: number) {
  const before = await system.usage()
  const from = performance.now()
  await systemClock.wait(seconds * 1000)
  const after = await system.usage()
  const cpuPercent = ((after.cpuMs - before.cpuMs) / (performance.now() - from)) * 100
  return {
    bench: 'idle',
    agents,
    seconds,
    serverRssMb: Math.round(after.rssMb),
    postgresMb: Math.round(after.childrenMb),
    cpuPercentOfACore: round(cpuPercent),
    ...budget('10,000 agents: ≤ 300 MB RSS, ≤ 3 % of a core', after.rssMb <= 300 && cpuPercent <= 3),
  }
}
