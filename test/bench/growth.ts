import type { ExecutionRequest } from '../../src/protocol/api/executions.ts'
import { createDemo } from './demo-extension.ts'
import { budget, median, round } from './figures.ts'
import { insertInstances } from './history.ts'
import type { System } from './system.ts'

const concurrency = 1_000

/**
 * Tasks per second, from the first start to the last success, for executions of a tenth of the
 * `connected` instances and of all, in turns. With `large` the database has nine times as many
 * offline instances (this machine cannot hold so many connections), and an execution of all
 * instances is measured until the connected ones are done: they come first, in the order of names.
 * The rest is cancelled.
 */
export async function measureGrowth(system: System, connected: number, large: boolean) {
  const few = Math.ceil(connected / 10)
  const names = (await listNames(system)).slice(0, few)
  const rates = new Map<number, number[]>([
    [few, []],
    [connected, []],
  ])
  for (let index = 0; index < 3; index++) {
    rates.get(few)?.push(await rateOf(system, few, { kind: 'names', names }))
    rates.get(connected)?.push(await rateOf(system, connected, { kind: 'all' }))
  }
  if (large) {
    const database = await system.connectDatabase()
    await insertInstances(database, 9 * connected, 'zzz-')
    await database.end()
    rates.set(10 * connected, [await rateOf(system, connected, { kind: 'all' })])
  }
  const medians = [...rates.values()].map(median)
  const spread = Math.max(...medians) / Math.min(...medians)
  return {
    bench: 'growth',
    concurrency,
    tasksPerSecond: Object.fromEntries(
      [...rates].map(([targets, all]) => [`${targets.toLocaleString('en')} targets`, Math.round(median(all))]),
    ),
    spread: round(spread),
    ...budget('within 1.3× of each other', spread <= 1.3),
  }
}

async function listNames({ client }: System): Promise<string[]> {
  return (await client.instances.list({ maxResults: 1_000 })).items.map(({ name }) => name)
}

async function rateOf({ client }: System, tasks: number, targets: ExecutionRequest['targets']): Promise<number> {
  const name = `growth-${Date.now()}`
  await createDemo(client, { name })
  const rateControl = { mode: 'Concurrency', concurrency } as const
  const { id } = await client.executions.start({
    action: 'install',
    extension: name,
    targets,
    rateControl,
    deliveryTimeoutMs: 60_000,
  })
  let startedAt = 0
  for await (const event of client.executions.follow(id, { after: 2 ** 40 })) {
    if (event.kind !== 'execution') continue
    const { execution } = event
    startedAt = Date.parse(execution.startedAt ?? execution.createdAt)
    // If all targets are connected, the execution ends by itself about now, and an ended execution
    // cannot be cancelled.
    if (execution.taskCount > tasks && (execution.counts.Success ?? 0) >= tasks) break
  }
  const { endedAt, counts } = await client.executions.get(id)
  const seconds = (Date.parse(endedAt ?? new Date().toISOString()) - startedAt) / 1000
  if ((counts.Success ?? 0) < tasks) throw new Error(`${id} ended with ${JSON.stringify(counts)}`)
  if (endedAt === undefined) await client.executions.cancel(id)
  return tasks / seconds
}
