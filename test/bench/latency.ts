import type { Client } from '../../src/client/client.ts'
import { createDemo, finish } from './demo-extension.ts'
import { at, budget, round } from './figures.ts'
import type { System } from './system.ts'

/**
 * From the request to the first byte of output, as a follower sees it; one instance, no other load.
 */
export async function measureLatency(system: System, scripts: 'simulated' | 'real', runs: number) {
  const [instance] = (await system.client.instances.list({ maxResults: 1 })).items
  if (!instance) throw new Error('there is no instance')
  const name = `latency-${Date.now()}`
  await createDemo(system.client, { name })
  const times: number[] = []
  for (let run = 0; run < runs; run++) {
    times.push(await timeOne(system.client, name, instance.id, run % 2 === 0 ? 'install' : 'uninstall'))
  }
  const [p50, p90, p99, max] = [0.5, 0.9, 0.99, 1].map((part) => round(at(times, part))) as [
    number,
    number,
    number,
    number,
  ]
  return {
    bench: 'latency',
    scripts,
    runs,
    firstOutputMs: { p50, p90, p99, max },
    ...budget('p50 ≤ 20 ms, p99 ≤ 60 ms', p50 <= 20 && p99 <= 60),
  }
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
