/**
 * An extension with a deb, an rpm and a tar configuration in the console: one execution each installs, updates and
 * removes it on servers of three kinds, with a reboot in between.
 */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ConsoleSystem, startConsoleSystem } from '../e2e/console-system.ts'
import { type MixedFleet, startMixedFleet } from './mixed-fleet.ts'
import { explainNoRpmRoots } from './rpm-root.ts'

const noRoots = explainNoRpmRoots()
let site: ConsoleSystem
let fleet: MixedFleet

beforeAll(async () => {
  if (noRoots !== undefined) return
  site = await startConsoleSystem()
  fleet = await startMixedFleet(site.system)
}, 900_000)
afterAll(async () => {
  await fleet?.stop()
  await site?.stop()
})

/** From the form to the page of the execution. */
async function start(page: Page) {
  await page.getByRole('button', { name: 'Next: parameter confirmation' }).click()
  await page.getByRole('heading', { level: 1, name: 'Parameter confirmation' }).waitFor()
  await page.getByRole('table', { name: 'Instances in this plan' }).waitFor()
  await page.getByRole('button', { name: 'Create execution' }).click()
  await page.waitForURL(/\/executions\/exec-/)
}
const rows = (page: Page, text: RegExp) => page.getByRole('row').filter({ hasText: text })
const succeeded = (page: Page) => expect.poll(() => rows(page, /Success/).count(), { timeout: 110_000 }).toBe(3)

test('install, update with a reboot, and uninstall', async ({ skip }) => {
  skip(noRoots !== undefined, `no roots with rpm: ${noRoots}`)
  await site.system.json('extension', 'create', await fleet.writeExtension('1.0'))
  const page = await site.open('/batch?action=install&extension=demo&by=all')
  await start(page)
  await succeeded(page)
  expect(fleet.installed()).toEqual({ debian: 'installed 1.0', rocky: '1.0', other: '1.0' })

  await site.system.json('extension', 'update', await fleet.writeExtension('2.0', { requestsReboot: true }))
  await page.goto('/batch?action=update&extension=demo&by=all')
  await page.getByLabel('Allow reboots').check()
  await page.getByLabel('Time limit for a reboot, in minutes').fill('5')
  await start(page)
  await fleet.untilDown()
  await expect.poll(() => rows(page, /Rebooting/).count(), { timeout: 110_000 }).toBe(3)
  expect(await site.findBarriers(page)).toEqual([])
  fleet.boot()
  await succeeded(page)
  await page.getByText('The instance was rebooted.').first().waitFor()
  await page.getByRole('tab', { name: 'Details' }).click()
  await page.getByText('Allow reboots, time limit 5 min').waitFor()
  expect(fleet.installed()).toEqual({ debian: 'installed 2.0', rocky: '2.0', other: '2.0' })
  expect(fleet.takeLedgers().other).toEqual([
    'install 1.0',
    'check 1.0',
    'uninstall 1.0',
    'install 2.0',
    'boot',
    'check 2.0',
  ])

  await page.goto('/batch?action=uninstall&extension=demo&by=all')
  await start(page)
  await succeeded(page)
  expect(fleet.installed()).toEqual({ debian: '', rocky: '', other: '' })
})
