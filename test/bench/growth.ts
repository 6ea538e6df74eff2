import type { ExecutionRequest } from '../../src/protocol/api/executions.ts'
import { createDemo } from './demo-extension.ts'
import { budget, median, round } from './figures.ts'
import { insertInstances } from './history.ts'
import type { System } from './system.ts'

const connected = 10_000
const away = 90_000
const concurrency = 1_000

/**
 * Tasks a second, from the first start to the last success, for executions of 1,000 and 10,000 connected instances, in turns. With `large`
 * another 90,000 instances are in the database that are not connected (this machine cannot hold so many connections), and an execution
 * of all 100,000 is measured while it does the 10,000 that are: they come first, in the order of names. The rest is cancelled.
 */
export async function measureGrowth(system: System, large: boolean) {
  const names = (await listNames(system)).slice(0, 1_000)
  const rates = { thousand: [] as number[], tenThousand: [] as number[], hundredThousand: [] as number[] }
  for (let index = 0; index < 3; index++) {
    rates.thousand.push(await rateOf(system, 1_000, { kind: 'names', names }))
    rates.tenThousand.push(await rateOf(system, connected, { kind: 'all' }))
  }
  if (large) {
    const database = await system.connectDatabase()
    await insertInstances(database, away, 'zzz-')
    await database.end()
    rates.hundredThousand.push(await rateOf(system, connected, { kind: 'all' }))
  }
  const medians = [rates.thousand, rates.tenThousand, rates.hundredThousand].filter((all) => all.length > 0).map(median)
  const spread = Math.max(...medians) / Math.min(...medians)
  return {
    bench: 'growth',
    concurrency,
    tasksPerSecond: {
      '1,000 targets': Math.round(median(rates.thousand)),
      '10,000 targets': Math.round(median(rates.tenThousand)),
      ...(large ? { '100,000 targets': Math.round(median(rates.hundredThousand)) } : {}),
    },
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
  let isOver = false
  for await (const event of client.executions.follow(id, { after: 2 ** 40 })) {
    if (event.kind !== 'execution') continue
    const { execution } = event
    startedAt = Date.parse(execution.startedAt ?? execution.createdAt)
    isOver = execution.endedAt !== undefined
    if ((execution.counts.Success ?? 0) >= tasks) break
  }
  const { endedAt, counts } = await client.executions.get(id)
  const seconds = (Date.parse(endedAt ?? new Date().toISOString()) - startedAt) / 1000
  if ((counts.Success ?? 0) < tasks) throw new Error(`${id} ended with ${JSON.stringify(counts)}`)
  if (!isOver && endedAt === undefined) await client.executions.cancel(id)
  return tasks / seconds
}
