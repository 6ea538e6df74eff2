import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ConsoleSystem, startConsoleSystem } from './console-system.ts'

let site: ConsoleSystem
beforeAll(async () => {
  site = await startConsoleSystem()
})
afterAll(() => site.stop())

const shots = process.env['SHOTS']
async function shoot(page: Page, name: string) {
  if (shots) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true })
}

test('draft look', async () => {
  const page = await site.open('/extensions/create')
  await page.getByLabel('Name', { exact: true }).fill('hello')
  await page.getByRole('button', { name: 'Add parameter' }).click()
  await page.getByRole('button', { name: 'Add operating system' }).click()
  await page.waitForTimeout(1500)
  await shoot(page, 'basic')
  await page.getByRole('button', { name: 'Next' }).click()
  await page.waitForTimeout(1500)
  await shoot(page, 'basic-wrong')
  await page.getByRole('button', { name: /Remove parameter/ }).click()
  await page.getByRole('button', { name: /Remove operating system/ }).click()
  await page.getByRole('button', { name: 'Next' }).click()
  await page.waitForTimeout(1500)
  await shoot(page, 'configurations')
  expect(await site.findBarriers(page)).toEqual([])
})
