import type { Pool, PoolClient } from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../../src/lib/clock.ts'
import { type ControlPlane, startControlPlane } from './control-plane.ts'

/** Well below the interval of the sweep, which would find everything. */
const soon = 10_000

let plane: ControlPlane
let release = Promise.withResolvers<void>()
beforeEach(() => {
  release = Promise.withResolvers()
})
afterEach(async () => {
  release.resolve()
  await plane.stop()
})

/**
 * The plane's pool, intercepting the statements of one kind: `around` is called in place of each.
 */
function intercept(pool: Pool, kind: RegExp, around: (run: () => Promise<unknown>) => Promise<unknown>): Pool {
  const wrapClient = (client: PoolClient): PoolClient =>
    new Proxy(client, {
      get(target, name) {
        if (name !== 'query') return bound(target, name)
        return (...args: Parameters<PoolClient['query']>) => {
          const [statement] = args as unknown as [{ text?: string } | string]
          const text = typeof statement === 'string' ? statement : (statement.text ?? '')
          const run = () => Promise.resolve(target.query(...args) as unknown)
          return kind.test(text) ? around(run) : run()
        }
      },
    })
  return new Proxy(pool, {
    get(target, name) {
      if (name !== 'connect') return bound(target, name)
      return (callback?: Parameters<Pool['connect']>[0]) =>
        callback ? target.connect(callback) : target.connect().then(wrapClient)
    },
  })
}

function bound(target: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name, target)
  return typeof value === 'function' ? value.bind(target) : value
}

async function start(kind: RegExp, around: (run: () => Promise<unknown>) => Promise<unknown>): Promise<void> {
  plane = await startControlPlane((pool) => intercept(pool, kind, around))
  await plane.makeExtension('demo')
}

const isEverythingDone = async () =>
  (await plane.db.pool.query('select 1 from graphile_worker.jobs where run_at <= now()')).rowCount === 0

test('a poke takes effect while the answer to the previous one is still on its way', { timeout: soon }, async () => {
  let isFirst = true
  await start(/^\s*select .*add_job/s, async (run) => {
    const wait = isFirst ? release.promise : undefined
    isFirst = false
    const result = await run()
    await wait
    return result
  })
  const ids = await plane.enrol(1)
  const id = await plane.start({ extension: 'demo' })
  const work = await plane.takeWork(ids, 1)
  await expect.poll(isEverythingDone).toBe(true)
  await plane.end(work)
  release.resolve()
  await plane.untilStatus(id, 'Success')
})

test('a poke takes effect while the engine releases the previous job', { timeout: soon }, async () => {
  await start(/^\s*(with j as \(\s*)?delete from .*_private_jobs/s, async (run) => {
    await release.promise
    return run()
  })
  const ids = await plane.enrol(1)
  const id = await plane.start({ extension: 'demo' })
  await plane.end(await plane.takeWork(ids, 1))
  await plane.untilStatus(id, 'Success')
  expect(await plane.statuses(id)).toEqual({ Success: 1 })
})

for (const hours of [-5, 5]) {
  test(`a server whose clock is ${hours} h from the database's sets its timers by the database's`, async () => {
    const clock = { ...systemClock, now: () => Date.now() + hours * 3_600_000 }
    plane = await startControlPlane((pool) => pool, clock)
    await plane.makeExtension('demo')
    const ids = await plane.enrol(1)
    const id = await plane.start({ extension: 'demo', deliveryTimeoutMs: 600_000 })
    await plane.takeWork(ids, 1)
    const readTimer = async () => {
      const { rows } = await plane.db.pool.query(
        'select extract(epoch from run_at - now())::float as in_s from graphile_worker.jobs where key = $1 and locked_at is null',
        [id],
      )
      return rows.map(({ in_s: inS }: { in_s: number }) => inS > 60 && inS < 3_600)
    }
    // Absent while the job runs; a timer in the past would run the job again and again.
    await expect.poll(readTimer).toEqual([true])
  })
}
