import { createDemo, finish } from './demo-extension.ts'
import { budget, round } from './figures.ts'
import type { System } from './system.ts'

/**
 * Installs on `targets` simulated instances (real protocol, scripts that take no time), with
 * everything durable, and measures from the request to the end of the execution. The load generator
 * and PostgreSQL share the cores.
 */
export async function measureThroughput(system: System, targets: number, concurrency: number) {
  const name = `throughput-${targets}-${Date.now()}`
  await createDemo(system.client, { name })
  const before = await system.usage()
  const { id } = await system.client.executions.start({
    action: 'install',
    extension: name,
    targets: { kind: 'all' },
    rateControl: { mode: 'Concurrency', concurrency },
  })
  const { createdAt, endedAt } = await finish(system.client, id)
  const after = await system.usage()
  const seconds = (endedAt - createdAt) / 1000
  const cpuMsPerTask = (after.cpuMs - before.cpuMs) / targets
  return {
    bench: 'throughput',
    targets,
    concurrency,
    seconds: round(seconds),
    tasksPerSecond: Math.round(targets / seconds),
    controlPlaneCpuMsPerTask: round(cpuMsPerTask),
    serverRssMb: Math.round(after.rssMb),
    postgresMb: Math.round(after.childrenMb),
    ...(concurrency >= 1_000
      ? budget(
          '≥ 2,000 tasks/s; control plane ≤ 2 ms of CPU per instance',
          targets / seconds >= 2_000 && cpuMsPerTask <= 2,
        )
      : budget('control plane ≤ 2 ms of CPU per instance', cpuMsPerTask <= 2)),
  }
}
