import { systemClock } from '../../src/lib/clock.ts'
import { createDemo } from './demo-extension.ts'
import { budget, round } from './figures.ts'
import { insertInstances } from './history.ts'
import type { System } from './system.ts'

const instances = 100_000
const pollMs = 20
/** The server rests four times as long as an evaluation took; see boot/assignment-keeper.ts. */
const restFactor = 5

/**
 * Evaluations of an assignment over a large fleet: the first one, and one after a change of an
 * instance. All instances are offline: they are planned, and nothing starts. Times are from the
 * announcement of the change, with the half second in which the server gathers others.
 */
export async function* measureAssignment(system: System) {
  const { client } = system
  await createDemo(client, { name: 'assigned' })
  const database = await system.connectDatabase()
  await insertInstances(database, instances, 'old-')
  await database.query('analyze instances')
  await client.groups.create({ name: 'fleet', filter: 'tag:env=prod' })

  /** Until an evaluation has ended that began after `act`. */
  async function measure(name: string, act: () => Promise<unknown>) {
    const { rows } = await database.query("select evaluated_at as at from assignments where name = 'bench'")
    const before = (rows[0] as { at: Date | null } | undefined)?.at?.getTime()
    const statements = await countStatements(system)
    const from = performance.now()
    await act()
    for (;;) {
      const found = await database.query("select evaluated_at as at from assignments where name = 'bench'")
      const at = (found.rows[0] as { at: Date | null } | undefined)?.at?.getTime()
      if (at !== undefined && at !== before) break
      await systemClock.wait(pollMs)
    }
    const seconds = (performance.now() - from) / 1_000
    const used = (await countStatements(system)) - statements
    return {
      bench: 'assignment',
      evaluation: name,
      instances,
      seconds: round(seconds, 2),
      statements: used,
      ...budget('100,000 instances: ≤ 10 s', seconds <= 10),
    }
  }

  const first = await measure('first', () =>
    client.assignments.put({ name: 'bench', group: 'fleet', extension: 'assigned', version: 'v1' }),
  )
  yield first
  await systemClock.wait(first.seconds * restFactor * 1_000)
  yield await measure('after a change of one instance', async () => {
    await database.query('update instances set tags = tags || \'{"changed": "1"}\' where id = \'i-old0000000000001\'')
    // Announces a change.
    await client.groups.create({ name: 'other', filter: 'tag:env=test' })
  })
  await database.end()
}

/** Statements that the server has executed, by its metrics. */
async function countStatements({ url, authorization }: System): Promise<number> {
  const response = await fetch(`${url}/metrics`, { headers: { authorization } })
  const text = await response.text()
  return [...text.matchAll(/^chandler_database_statement_duration_seconds_count\{[^}]*\} (\d+)/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  )
}
