import { systemClock } from '../../src/lib/clock.ts'
import { budget, round } from './figures.ts'
import type { System } from './system.ts'

const sampleMs = 250
const limitMs = 5 * 60_000
/** Agents reconnect within a minute of the server's return. */
const wantedMs = 60_000
/** Of an event loop: requests of users wait no longer than this for agents that reconnect. */
const wantedLagMs = 500

/**
 * A server with this many connected agents is killed and started again: how long until all are
 * connected, what that costs, and how long others wait meanwhile.
 */
export async function measureReconnect(system: System, { agents, tls }: { agents: number; tls: boolean }) {
  const startedInMs = await system.restart({ signal: 'SIGKILL' })
  const from = performance.now()
  let [connected, worstLagMs, worstAnswerMs, rssMb, halfMs] = [0, 0, 0, 0, 0]
  while (connected < agents) {
    if (performance.now() - from > limitMs) throw new Error(`only ${connected} of ${agents} agents are connected`)
    const asked = performance.now()
    const metrics = await system.metrics()
    const now = performance.now()
    connected = metrics.get('chandler_agents_connected') ?? 0
    worstAnswerMs = Math.max(worstAnswerMs, now - asked)
    worstLagMs = Math.max(worstLagMs, (metrics.get('nodejs_eventloop_lag_max_seconds') ?? 0) * 1000)
    rssMb = Math.max(rssMb, (metrics.get('process_resident_memory_bytes') ?? 0) / 1024 ** 2)
    if (halfMs === 0 && connected >= agents / 2) halfMs = now - from
    await systemClock.wait(sampleMs)
  }
  const allMs = performance.now() - from
  const { cpuMs } = await system.usage()
  return {
    bench: 'reconnect',
    agents,
    tls,
    serverReadyMs: Math.round(startedInMs),
    halfSeconds: round(halfMs / 1000, 1),
    allSeconds: round(allMs / 1000, 1),
    cpuMsPerAgent: round(cpuMs / agents),
    peakRssMb: Math.round(rssMb),
    worstEventLoopLagMs: Math.round(worstLagMs),
    slowestAnswerMs: Math.round(worstAnswerMs),
    ...budget('all within 60 s, event loop never blocked for 0.5 s', allMs <= wantedMs && worstLagMs <= wantedLagMs),
  }
}
