/** The list of instances: found by mouse, by keyboard and by an address; sorted, paged, chosen for the batch, exported; new ones are enrolled. */
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ConsoleSystem, startConsoleSystem } from './console-system.ts'

let site: ConsoleSystem
beforeAll(async () => {
  site = await startConsoleSystem()
  const { system } = site
  const quick = ['--duration', '10ms', '--seed', '7']
  await system.simulate(180, ...quick, '--name-prefix', 'web', '--tag', 'env=prod', '--tag', 'tier=a,b')
  await system.simulate(120, ...quick, '--name-prefix', 'db', '--tag', 'env=test')
  await system.createExtension('demo')
  expect((await system.run('install', 'demo', '--targets', 'tag:env=test', '--concurrency', '50')).code).toBe(0)
})
afterAll(() => site.stop())

const listed = async (page: Page) => (await page.getByRole('rowheader').allTextContents()).map((name) => name.trim())
const counted = (page: Page, count: string) =>
  page.getByRole('heading', { level: 2, name: `Instances ${count}`, exact: true }).waitFor()
const parameters = (page: Page) => Object.fromEntries(new URL(page.url()).searchParams)
const filterOf = (page: Page) => page.getByRole('combobox', { name: /^Find instances/ })
const tokens = (page: Page) => page.getByRole('button', { name: /^Edit filter/ })
const option = (page: Page, name: string) => page.getByRole('option', { name, exact: true })

/** A condition, chosen from what is offered. */
async function choose(page: Page, property: string, operator: string, value: string) {
  await filterOf(page).click()
  await option(page, property).click()
  await page.getByRole('option', { name: operator }).first().click()
  await page.getByRole('option', { name: new RegExp(`${value}$`) }).click()
}

describe('finding', () => {
  test('by mouse: status, tag, extension and its version, each from what there is; the address shows the same elsewhere', async () => {
    const page = await site.open('/instances')
    await counted(page, '(300)')
    await choose(page, 'Status', '=', 'Online')
    await expect.poll(() => parameters(page)).toEqual({ filter: 'status=online' })
    await choose(page, 'Tag tier', '=', 'a,b')
    await counted(page, '(180)')
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await counted(page, '(300)')
    await choose(page, 'Extension', '=', 'demo@v1')
    await counted(page, '(120)')
    await choose(page, 'Name', ':', 'db-11')
    expect(parameters(page)).toEqual({ filter: 'extension=demo@v1,name~db-11' })
    await counted(page, '(11)')
    const names = await listed(page)
    expect(names.every((name) => name.startsWith('db-11'))).toBe(true)
    expect(await site.findBarriers(page)).toEqual([])

    const other = await site.open(new URL(page.url()).pathname + new URL(page.url()).search)
    await counted(other, '(11)')
    expect(await listed(other)).toEqual(names)
  })
})
