import type { Client } from '../../src/client/client.ts'
import { createDemo, finish } from './demo-extension.ts'
import type { System } from './system.ts'
import { round } from './throughput.ts'

/** From the request to the first byte that the script printed, as a follower sees it; one instance, nothing else to do. */
export async function measureLatency(system: System, instanceId: string, runs: number) {
  const name = `latency-${Date.now()}`
  await createDemo(system.client, name)
  const times: number[] = []
  for (let run = 0; run < runs; run++) {
    times.push(await timeOne(system.client, name, instanceId, run % 2 === 0 ? 'install' : 'uninstall'))
  }
  times.sort((a, b) => a - b)
  const at = (part: number) => round(times[Math.min(times.length - 1, Math.floor(times.length * part))] as number)
  return { bench: 'latency', runs, firstOutputMs: { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) } }
}

async function timeOne(
  client: Client,
  extension: string,
  instanceId: string,
  action: 'install' | 'uninstall',
): Promise<number> {
  const from = performance.now()
  const { id } = await client.executions.start({ action, extension, targets: { kind: 'ids', ids: [instanceId] } })
  let first: number | undefined
  for await (const chunks of client.executions.followOutput(id))
    if (chunks.length > 0) first ??= performance.now() - from
  await finish(client, id)
  if (first === undefined) throw new Error(`${id} printed nothing`)
  return first
}
