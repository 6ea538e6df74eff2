/** Several tabs of one browser, which opens at most six connections to a server. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Client, createClient } from '../../src/client/client.ts'
import { maxSilenceMs } from '../../src/client/streams.ts'
import { type ConsoleSystem, startConsoleSystem } from '../e2e/console-system.ts'

let site: ConsoleSystem
let client: Client

beforeAll(async () => {
  site = await startConsoleSystem()
  const { system } = site
  client = createClient({
    server: system.server,
    accessKeyId: 'test',
    accessKeySecret: 'a-secret-for-this-test-only',
  })
  await system.simulate(200, '--duration', '5s', '--output-bytes', '2000', '--seed', '7')
  await system.createExtension('demo')
})
afterAll(() => site.stop())

const isPaused = async (id: string) => (await client.executions.get(id)).status === 'Waiting'

test.each([
  ['a shared worker', false],
  ['an elected tab', true],
])(
  'eight tabs follow the log of a running execution over the connection of %s, and Pause works immediately in each',
  async (_, withoutSharedWorker) => {
    const { id } = await client.executions.start({
      action: 'install',
      extension: 'demo',
      targets: { kind: 'all' },
      rateControl: { mode: 'Concurrency', concurrency: 4, maxErrors: 0 },
    })
    const { items } = await client.executions.listTasks(id, { maxResults: 7 })
    const first = await site.open(`/executions/${id}`, { withoutSharedWorker })
    const tabs = await Promise.all(
      items.map(({ instanceId }) => site.open(`/executions/${id}?task=${instanceId}`, { beside: first })),
    )
    for (const [n, page] of tabs.entries()) {
      const log = page.getByRole('region', { name: `Task on ${items[n]!.instanceName}` })
      await log.getByText('simulated output').first().waitFor()
      await page.getByText('Connected', { exact: true }).filter({ visible: true }).waitFor()
    }
    for (const page of tabs) {
      await page.getByRole('button', { name: 'Pause', exact: true }).click()
      await expect.poll(() => isPaused(id), { timeout: 2_000 }).toBe(true)
      await page.getByRole('button', { name: 'Resume', exact: true }).click()
      await expect.poll(() => isPaused(id), { timeout: 5_000 }).toBe(false)
    }
    for (const page of tabs) await page.getByRole('button', { name: 'Pause', exact: true }).waitFor()
    // Close the leader, if one was elected: the others continue without it.
    await first.close()
    await client.executions.cancel(id)
    for (const page of tabs) await page.getByText('Cancelled', { exact: true }).first().waitFor()
  },
  240_000,
)

test('a silent server is not shown as connected', async () => {
  // The test moves the time of the page, not of a worker.
  const page = await site.open('/', { withoutSharedWorker: true, hasOwnClock: true })
  await page.getByText('Connected', { exact: true }).filter({ visible: true }).waitFor()
  site.bridge.silence(true)
  try {
    await page.clock.fastForward(maxSilenceMs)
    await page.getByText('Reconnecting').filter({ visible: true }).first().waitFor({ timeout: 40_000 })
  } finally {
    site.bridge.silence(false)
  }
  await page.getByText('Connected', { exact: true }).filter({ visible: true }).waitFor({ timeout: 40_000 })
  expect(await page.getByText('Reconnecting').filter({ visible: true }).count()).toBe(0)
})
