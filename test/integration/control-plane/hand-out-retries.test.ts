// A hand-out that fails is retried with a growing delay, without any other event that wakes the
// server.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { InstanceId } from '../../../src/core/id.ts'
import { handOutWork } from '../../../src/server/app/agent/hand-out-invocations.ts'
import { makeAgentKey, openAgentSocket, sayHello } from './agent-socket.ts'
import { type ControlPlane, startControlPlane } from './control-plane.ts'
import { type ListeningGateway, startGateway } from './listening-gateway.ts'

let plane: ControlPlane
let gateway: ListeningGateway
let instanceId: InstanceId
let failures: number
let attempts: number[]

beforeEach(async () => {
  plane = await startControlPlane()
  await plane.makeExtension('packed')
  const artifact = { sha256: 'ab'.repeat(32), sizeBytes: 3, fileName: 'v1.tar.gz' }
  await plane.db.pool.query(
    `update extension_versions set configurations = jsonb_set(configurations, '{0,artifact}', $1)`,
    [artifact],
  )
  instanceId = (await plane.enrol(1))[0] as InstanceId
  attempts = []
  gateway = await startGateway({ ...plane.context, artifactUrl })
})
afterEach(async () => {
  await gateway.close()
  await plane.stop()
})

async function artifactUrl(): Promise<string> {
  attempts.push(performance.now())
  if (attempts.length <= failures) throw new Error('the object store does not answer')
  return '/artifact'
}

async function connect() {
  const { privateKey, rawPublicKey } = makeAgentKey()
  await plane.db.pool.query('update instances set public_key = $1', [rawPublicKey])
  const agent = await openAgentSocket(gateway.url)
  await sayHello(agent, { instanceId, privateKey })
  await agent.next('welcome')
  return agent
}

const readRetry = async () =>
  (
    await plane.db.pool.query<{ state: string; failures: number; error: string | null; delay: number | null }>(
      `select state, hand_out_failures as failures, hand_out_error as error,
         extract(epoch from hand_out_after - now())::float * 1000 as delay from invocations`,
    )
  ).rows[0]

test('an object store that fails twice delays the work by seconds, and not less than decided', async () => {
  failures = 2
  const agent = await connect()
  await plane.start({ extension: 'packed' })
  await plane.until(async () => (await readRetry())?.state === 'queued')
  agent.say({ type: 'fetch' })
  for (;;) if ((await agent.next('invocations')).invocations.length > 0) break
  expect(attempts).toHaveLength(3)
  const [first, second, third] = attempts as [number, number, number]
  expect(second - first).toBeGreaterThanOrEqual(500)
  expect(third - second).toBeGreaterThanOrEqual(1_000)
  expect(await readRetry()).toMatchObject({ state: 'sent', failures: 0, error: null, delay: null })
})

test('delays grow up to a minute; until one has elapsed, no fetch prepares anything', async () => {
  failures = Number.POSITIVE_INFINITY
  await plane.start({ extension: 'packed' })
  await plane.until(async () => (await readRetry())?.state === 'queued')
  const context = { ...plane.context, artifactUrl }
  for (let count = 1; count <= 9; count++) {
    expect((await handOutWork(context, [instanceId])).get(instanceId)?.retryInMs).toBeLessThanOrEqual(60_000)
    const retry = await readRetry()
    expect(retry).toMatchObject({ state: 'queued', failures: count, error: 'the object store does not answer' })
    const longestMs = Math.min(60_000, 1_000 * 2 ** (count - 1))
    expect(retry?.delay).toBeLessThanOrEqual(longestMs)
    // The agent requests it a moment later.
    expect(retry?.delay).toBeGreaterThan(longestMs / 2 - 400)
    if (count > 3) {
      await handOutWork(context, [instanceId])
      expect(attempts).toHaveLength(count)
    }
    await plane.db.pool.query('update invocations set hand_out_after = now()')
  }
})
