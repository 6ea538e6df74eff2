/**
 * Task execution management: the list, a live execution, its tasks and output, and all controls.
 */
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Client, createClient } from '../../src/client/client.ts'
import { systemClock } from '../../src/lib/clock.ts'
import type { ExecutionRequest } from '../../src/protocol/api/executions.ts'
import { applyRetention } from '../../src/server/app/execution/apply-retention.ts'
import { startTestDatabase, type TestDatabase } from '../integration/database/postgres.ts'
import { type ConsoleSystem, startConsoleSystem } from './console-system.ts'

const instanceCount = 60
let db: TestDatabase
let site: ConsoleSystem
let client: Client
/** An ended execution with failures. */
let ended: string

const start = (request: Partial<ExecutionRequest> = {}) =>
  client.executions.start({ action: 'install', extension: 'demo', targets: { kind: 'all' }, ...request })

async function waitForEnd(id: string): Promise<void> {
  for await (const event of client.executions.follow(id)) void event
}

const countOf = (page: Page, status: string) =>
  page.getByRole('button', { name: new RegExp(`^${status} `) }).innerText()
/** The status of the execution itself: the bar below shows the same words for tasks. */
const verdict = (page: Page, status: string) => page.getByRole('status').getByText(status, { exact: true })
const taskRows = (page: Page) => page.getByRole('table', { name: 'Tasks' }).locator('[data-place]')

beforeAll(async () => {
  db = await startTestDatabase()
  site = await startConsoleSystem({ DATABASE_URL: db.url })
  const { system } = site
  client = createClient({
    server: system.server,
    accessKeyId: 'test',
    accessKeySecret: 'a-secret-for-this-test-only',
  })
  const behaviour = ['--duration', '100ms-300ms', '--failure-rate', '0.2', '--output-bytes', '2000', '--seed', '7']
  await system.simulate(instanceCount, '--tag', 'env=test', ...behaviour)
  await system.createExtension('demo')
  const execution = await start({
    description: 'The first one',
    tags: { team: 'web' },
    rateControl: { mode: 'Batch', batches: [1, 20, '100%'], concurrencyInBatches: 60, maxErrors: 60 },
  })
  ended = execution.id
  await waitForEnd(ended)
})
afterAll(async () => {
  await site.stop()
  await db.stop()
})

test('the list is live, and its filter is part of the address', async () => {
  const page = await site.open('/executions')
  await page.getByText('The first one').waitFor()
  expect(await site.findBarriers(page)).toEqual([])
  const { id } = await start({ action: 'uninstall', description: 'Came while I looked' })
  await page.getByText('Came while I looked').waitFor()
  await waitForEnd(id)

  const filter = page.getByRole('combobox', { name: 'Filter by status, extension or tag' })
  await filter.fill('tag = team=web')
  await filter.press('Enter')
  await page.getByText('Came while I looked').waitFor({ state: 'detached' })
  await page.getByText('The first one').waitFor()
  await expect.poll(() => page.url()).toContain('tags=team%3Dweb')
  await page.reload()
  await page.getByText('The first one').waitFor()
  expect(await page.getByText('Came while I looked').count()).toBe(0)
  await page.getByRole('link', { name: 'Install demo v1' }).click()
  await page.getByRole('heading', { level: 1, name: 'Install demo v1' }).waitFor()
})

test('status bar, batches and reasons filter the tasks, and the address keeps the filter', async () => {
  const { counts, batches } = await client.executions.get(ended)
  const page = await site.open(`/executions/${ended}`)
  await page.getByRole('button', { name: `Failed ${counts.Failed}` }).click()
  await page.getByText(`${counts.Failed} tasks`, { exact: true }).waitFor()
  await expect.poll(() => page.url()).toContain('status=Failed')
  await page.reload()
  await page.getByText(`${counts.Failed} tasks`, { exact: true }).waitFor()
  await expect.poll(() => taskRows(page).first().innerText()).toContain('Failed')
  expect(await site.findBarriers(page)).toEqual([])

  await page.getByRole('button', { name: /^All / }).click()
  await page.getByRole('button', { name: /^Batch 2/ }).click()
  const second = batches.find(({ number }) => number === 2)
  await page.getByText(`${second?.size} tasks`, { exact: true }).last().waitFor()
  await page.getByRole('searchbox', { name: 'Find by name, ID or reason' }).fill('no such instance')
  await page.getByText('No tasks match the filter').waitFor()
  await page.getByRole('button', { name: 'Clear filter' }).last().click()
  await page.getByText(`${instanceCount} tasks`, { exact: true }).waitFor()
})

test('a task opens by keyboard; its output is searched, downloaded and compared', async () => {
  const { items } = await client.executions.listTasks(ended, { status: 'Success', maxResults: 2 })
  const [one, other] = items.map(({ instanceName }) => instanceName)
  const page = await site.open(`/executions/${ended}?status=Success`)
  await page.getByRole('button', { name: `Show the task on ${one}`, exact: true }).focus()
  await page.keyboard.press('ArrowDown')
  await expect.poll(() => page.locator(':focus').innerText()).toBe(other)
  await page.keyboard.press('Enter')
  const panel = page.getByRole('region', { name: `Task on ${other}` })
  await panel.getByText('simulated output').first().waitFor()
  await expect.poll(() => page.locator(':focus').innerText()).toBe(other)
  expect(await site.findBarriers(page)).toEqual([])

  const find = panel.getByRole('searchbox', { name: 'Find in output' })
  await find.fill('SIXTY-FOUR')
  await panel.getByText('1 of 31').waitFor()
  await find.press('Enter')
  await panel.getByText('2 of 31').waitFor()
  expect(await panel.locator('mark').first().innerText()).toBe('sixty-four')

  const downloading = page.waitForEvent('download')
  await panel.getByRole('link', { name: 'Download' }).click()
  const file = await (await downloading).path()
  expect(await readFile(file)).toHaveLength(2_000)

  await panel.getByRole('tab', { name: 'Compare' }).click()
  await panel.getByRole('button', { name: 'Compare with' }).click()
  await page
    .getByRole('option', { name: one as string })
    .first()
    .click()
  await panel.getByText('No differences.').waitFor()
  expect(await site.findBarriers(page)).toEqual([])
  await page.reload()
  await panel.getByText('No differences.').waitFor()
  await panel.getByRole('button', { name: 'Close task' }).click()
  await panel.waitFor({ state: 'detached' })
  await expect.poll(() => page.locator('.task-row button:focus').count()).toBe(1)
})

test('failures are grouped, and a group is retried', async () => {
  const { groups } = await client.executions.listFailures(ended)
  const page = await site.open(`/executions/${ended}?tab=failures`)
  const count = groups[0]?.count ?? 0
  await page.getByRole('heading', { name: `${count} instances` }).waitFor()
  await page.getByText('exit code 1').first().waitFor()
  expect(await site.findBarriers(page)).toEqual([])
  await page.getByRole('button', { name: 'Show tasks' }).first().click()
  await page.getByText(`${count} tasks`, { exact: true }).last().waitFor()
  await page.getByRole('tab', { name: /^Failures/ }).click()
  await page.getByRole('button', { name: `Retry group (${count})` }).click()
  const dialog = page.getByRole('dialog', { name: 'Retry failed tasks?' })
  await dialog.getByText(`Install: ${count}`).waitFor()
  expect(await site.findBarriers(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Retry', exact: true }).click()
  await page.getByText(`Started a new execution with ${count} tasks.`).waitFor()
  await page.getByRole('link', { name: ended }).waitFor()
  const id = new URL(page.url()).pathname.split('/').at(-1) as string
  expect(await client.executions.get(id)).toMatchObject({ retryOf: ended, taskCount: count })
  await waitForEnd(id)
})

test('a batch is approved, the execution paused, resumed and cancelled, with live updates', async () => {
  const { id } = await start({
    action: 'uninstall',
    rateControl: {
      mode: 'Batch',
      batches: [2, '100%'],
      concurrencyInBatches: 1,
      maxErrors: 60,
      batchPause: 'FirstBatchPause',
    },
  })
  const page = await site.open(`/executions/${id}`)
  await page.getByText('Batch 2 is waiting for approval').waitFor()
  expect(await site.findBarriers(page)).toEqual([])
  const before = await countOf(page, 'Success')
  await page.getByRole('button', { name: 'Approve batch 2' }).click()
  await page.getByText('Batch 2 approved.').waitFor()
  await expect.poll(() => countOf(page, 'Success')).not.toBe(before)

  await page.getByRole('button', { name: 'Pause', exact: true }).click()
  await page.getByText('Paused', { exact: true }).first().waitFor()
  await page.getByRole('button', { name: 'Resume', exact: true }).click()
  await page.getByRole('button', { name: 'Cancel…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Cancel this execution?' })
  await dialog.getByRole('button', { name: 'Keep running' }).click()
  expect((await client.executions.get(id)).status).not.toBe('Cancelled')
  await page.getByRole('button', { name: 'Cancel…' }).click()
  await dialog.getByRole('button', { name: 'Cancel execution' }).click()
  await page.getByText('Cancelling the execution. No new tasks start').waitFor()
  await verdict(page, 'Cancelled').waitFor()
  expect((await client.executions.get(id)).status).toBe('Cancelled')
})

test('a failed task of a waiting execution is retried after its plan is shown', async () => {
  const { id } = await start({ parameters: { port: 81 }, reinstall: true, mode: 'FailurePause' })
  const page = await site.open(`/executions/${id}?status=Failed`)
  await page.getByText('A failure is waiting for a decision').waitFor()
  await page
    .getByRole('button', { name: /^Show the task on/ })
    .first()
    .click()
  await page.getByRole('button', { name: 'Retry this task' }).click()
  const dialog = page.getByRole('dialog', { name: /^Retry the task on sim-/ })
  await dialog.getByText(/^(Install|Update) · demo · v1$/).waitFor()
  await dialog.getByText('port: 81').waitFor()
  expect(await site.findBarriers(page)).toEqual([])
  const failedBefore = await client.executions.listTasks(id, { status: 'Failed' })
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  expect(await client.executions.listTasks(id, { status: 'Failed' })).toEqual(failedBefore)
  await page.getByRole('button', { name: 'Retry this task' }).click()
  await dialog.getByRole('button', { name: 'Retry', exact: true }).click()
  await page.getByText(/^Retrying sim-.*\.$/).waitFor()
  await client.executions.cancel(id)
  await waitForEnd(id)
})

test('deleted output shows the date of deletion', async () => {
  const { items } = await client.executions.listTasks(ended, { status: 'Success', maxResults: 1 })
  await db.pool.query(`update executions set ended_at = ended_at - interval '2 days' where id = $1`, [ended])
  const forever = { executionsMs: undefined, auditLogMs: undefined }
  const removed = await applyRetention(
    { database: db.database, clock: systemClock },
    { ...forever, outputMs: 86_400_000 },
  )
  expect(removed.outputs).toBe(1)
  const page = await site.open(`/executions/${ended}?task=${items[0]?.instanceId}`)
  await page
    .getByText(/^The output was deleted on .*\. The server keeps output for a limited time/)
    .first()
    .waitFor()
  expect(await page.getByText('simulated output').count()).toBe(0)
  expect(await site.findBarriers(page)).toEqual([])
})

test('running again prefills the batch page', async () => {
  const page = await site.open(`/executions/${ended}`)
  await page.getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: 'Run again' }).click()
  await page.getByRole('heading', { level: 1, name: 'Batch software management' }).waitFor()
  await expect.poll(() => page.url()).toContain('extension=demo&version=v1')
})

test('an unknown execution shows an error', async () => {
  const page = await site.open('/executions/exec-nothing')
  await page.getByText('Execution exec-nothing does not exist').waitFor()
  expect(await site.findBarriers(page)).toEqual([])
  await page.getByRole('link', { name: 'Go to the list of executions' }).click()
  await page.getByRole('heading', { level: 1, name: 'Task execution management' }).waitFor()
})
