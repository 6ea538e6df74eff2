/**
 * Instances list: search by mouse, keyboard and address; sorting, paging, batch selection, export
 * and enrolment.
 */
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ConsoleSystem, startConsoleSystem } from '../e2e/console-system.ts'

let site: ConsoleSystem
beforeAll(async () => {
  site = await startConsoleSystem()
  const { system } = site
  const quick = ['--duration', '10ms', '--seed', '7']
  await system.simulate(180, ...quick, '--name-prefix', 'web', '--tag', 'env=prod', '--tag', 'tier=a,b')
  await system.simulate(120, ...quick, '--name-prefix', 'db', '--tag', 'env=test')
  await system.createExtension('demo')
  await system.json('install', 'demo', '--targets', 'tag:env=test', '--concurrency', '50')
})
afterAll(() => site.stop())

const table = (page: Page) => page.getByRole('table', { name: 'Instances' })
const listed = async (page: Page) => (await page.getByRole('rowheader').allTextContents()).map((name) => name.trim())
const counted = (page: Page, count: string) =>
  page.getByRole('heading', { level: 2, name: `Instances ${count}`, exact: true }).waitFor()
const parameters = (page: Page) => Object.fromEntries(new URL(page.url()).searchParams)
const addressOf = (page: Page) => page.url().slice(new URL(page.url()).origin.length)
const filterOf = (page: Page) => page.getByRole('combobox', { name: /^Find instances/ })
const optionOf = (page: Page, beginning: string) =>
  page
    .getByRole('option')
    .filter({ hasText: new RegExp(`^${beginning}`) })
    .first()

/** Adds a condition by choosing each part from the suggestions. */
async function choose(page: Page, property: string, operator: string, value: string) {
  await filterOf(page).click()
  await page.getByRole('option', { name: property, exact: true }).click()
  await optionOf(page, `${property} ${operator}`).click()
  await optionOf(page, `${property} ${operator} ${value}`).click()
}

describe('search', () => {
  test('by mouse: status, tag, extension and version from suggestions; the copied address shows the same rows', async () => {
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
    await choose(page, 'Operating system', '!=', 'debian')
    await expect.poll(() => parameters(page)).toEqual({ filter: 'extension=demo@v1,os!=debian' })
    await expect.poll(async () => (await table(page).textContent())?.includes('Debian')).toBe(false)
    expect(await site.findBarriers(page)).toEqual([])

    const other = await site.open(addressOf(page))
    await other
      .getByRole('row', { name: /demo v1/ })
      .first()
      .waitFor()
    expect(await listed(other)).toEqual(await listed(page))
  })

  test('by keyboard: a condition and a text, and clearing both', async () => {
    const page = await site.open('/instances')
    await counted(page, '(300)')
    await filterOf(page).focus()
    await page.keyboard.type('Tag env = te')
    const option = optionOf(page, 'Tag env = test')
    await option.waitFor()
    // Options that arrive later move the highlight back to the text.
    await expect
      .poll(async () => {
        await page.keyboard.press('ArrowDown')
        return (await filterOf(page).getAttribute('aria-activedescendant')) === (await option.getAttribute('id'))
      })
      .toBe(true)
    await page.keyboard.press('Enter')
    await counted(page, '(120)')
    expect(parameters(page)).toEqual({ filter: 'tag:env=test' })
    await page.keyboard.type('b-11')
    await page.keyboard.press('Enter')
    await counted(page, '(11)')
    expect(parameters(page)).toEqual({ filter: 'tag:env=test', q: 'b-11' })
    await page.getByRole('button', { name: 'Clear filters' }).press('Enter')
    await counted(page, '(300)')
    expect(parameters(page)).toEqual({})
  })

  test('an invalid filter is reported, whether typed or in the address', async () => {
    const page = await site.open('/instances')
    await counted(page, '(300)')
    await filterOf(page).fill('Status = asleep')
    await filterOf(page).press('Enter')
    await page.getByText('a status is online or offline').waitFor()
    expect(parameters(page)).toEqual({})

    const strange = await site.open('/instances?filter=colour%3Dred&sort=colour&page=x')
    await strange.getByText('"colour" is not one of').waitFor()
    await strange.getByRole('button', { name: 'Clear filter' }).first().click()
    await counted(strange, '(300)')
    expect(parameters(strange)['filter']).toBeUndefined()
  })

  test('the overview links to the instances of a status, and the list is live', async () => {
    const gone = await site.system.simulate(3, '--name-prefix', 'gone')
    const page = await site.open('/')
    await page.getByRole('link', { name: 'Online: 303' }).click()
    await counted(page, '(303)')
    expect(parameters(page)).toEqual({ filter: 'status=online' })
    await page.goto('/instances?status=offline')
    await page.getByText('No matches').waitFor()
    await gone.stop()
    await page.getByRole('row', { name: /gone-3 Offline/ }).waitFor()
    await counted(page, '(3)')
  })
})

describe('the table', () => {
  test('is sorted and paginated by the server; the position is part of the address', async () => {
    const page = await site.open('/instances?filter=tag%3Aenv%3Dtest')
    await counted(page, '(120)')
    const first = await listed(page)
    expect(first).toHaveLength(50)
    await page.getByRole('button', { name: 'Next page' }).click()
    await page.getByText('2 of 3').waitFor()
    await expect.poll(() => listed(page)).not.toEqual(first)
    const second = await listed(page)
    const copied = await site.open(addressOf(page))
    await copied.getByText('2 of 3').waitFor()
    expect(await listed(copied)).toEqual(second)
    await page.getByRole('button', { name: 'Next page' }).click()
    await expect.poll(async () => (await listed(page)).length).toBe(20)
    expect(await page.getByRole('button', { name: 'Next page' }).getAttribute('aria-disabled')).toBe('true')
    await page.getByRole('button', { name: 'Previous page' }).click()
    await expect.poll(() => listed(page)).toEqual(second)
    await page.getByRole('button', { name: 'First page' }).click()
    await expect.poll(() => listed(page)).toEqual(first)
    expect(new Set([...first, ...second]).size).toBe(100)

    await page.getByRole('button', { name: 'Name, sorted ascending' }).press('Enter')
    await expect.poll(() => parameters(page)['sort']).toBe('-name')
    await expect.poll(async () => (await listed(page))[0]).toBe('db-99')
  })

  test('remembers the selected columns and page size', async () => {
    const page = await site.open('/instances')
    await expect.poll(async () => (await listed(page)).length).toBe(50)
    await page.getByRole('button', { name: 'Table preferences' }).click()
    const dialog = page.getByRole('dialog', { name: 'Table preferences' })
    await dialog.getByRole('radio', { name: '20 instances' }).check()
    await dialog
      .getByRole('switch', { name: 'Architecture' })
      .or(dialog.getByLabel('Architecture', { exact: true }))
      .first()
      .check()
    await dialog.getByLabel('Addresses', { exact: true }).uncheck()
    await dialog.getByLabel('Compact').check()
    expect(await site.findBarriers(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Confirm' }).click()
    const isAsChosen = async () => {
      await page.getByRole('columnheader', { name: 'Architecture' }).waitFor()
      expect(await page.getByRole('columnheader', { name: 'Addresses' }).count()).toBe(0)
      await expect.poll(async () => (await listed(page)).length).toBe(20)
    }
    await isAsChosen()
    await page.reload()
    await isAsChosen()
  })

  test('the selection spans pages and is passed to the batch page', async () => {
    const page = await site.open('/instances?filter=tag%3Aenv%3Dtest')
    await counted(page, '(120)')
    const install = page
      .getByRole('link', { name: 'Install', exact: true })
      .or(page.getByRole('button', { name: 'Install', exact: true }))
    expect(await install.getAttribute('aria-disabled')).toBe('true')
    await page.getByRole('checkbox', { name: 'Select db-1', exact: true }).check()
    await page.getByRole('button', { name: 'Next page' }).click()
    await page.getByText('2 of 3').waitFor()
    await page
      .getByRole('checkbox', { name: /^Select db-/ })
      .first()
      .check()
    await page.getByText('2 instances selected across all pages').waitFor()
    expect(parameters(page)['selected']?.split(',')).toHaveLength(2)
    await page.getByRole('button', { name: 'Select all 120' }).click()
    await page.getByText('120 instances selected').waitFor()
    await page.getByRole('button', { name: 'Clear selection' }).click()
    await page.getByText('None selected').waitFor()
    await page.getByRole('checkbox', { name: 'Select all on this page' }).press('Space')
    await page.getByText('50 instances selected').waitFor()
    await page.getByRole('link', { name: 'Uninstall', exact: true }).click()
    await page.getByText('50 instances selected').waitFor()
    expect(parameters(page)['action']).toBe('uninstall')
  })

  test('is exported with the same filter', async () => {
    const page = await site.open('/instances?filter=tag%3Aenv%3Dtest&q=db-11')
    await counted(page, '(11)')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Export CSV' }).click(),
    ])
    expect(download.suggestedFilename()).toBe('instances.csv')
    const [head, ...rows] = (await readFile(await download.path(), 'utf8')).trim().split('\r\n')
    expect(head).toContain('id,name,status,os')
    expect(rows.map((row) => row.split(',')[1])).toEqual(await listed(page))
    expect(rows.every((row) => row.includes('env=test') && row.includes('demo v1'))).toBe(true)
  })
})

describe('enrolment', () => {
  test('invalid input shows errors; the command enrols instances, which appear in the dialog', async () => {
    const page = await site.open('/instances?enrol=true')
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Maximum number of servers').fill('0')
    await dialog.getByLabel('Instance tags').fill('env=new\nnothing')
    await dialog.getByRole('button', { name: 'Create token' }).click()
    await dialog.getByText('Enter a whole number from 1 to 1,000,000').waitFor()
    await dialog.getByText('"nothing" does not have the form name=value.').waitFor()
    expect(await site.findBarriers(page)).toEqual([])
    await dialog.getByLabel('Maximum number of servers').fill('2')
    await dialog.getByLabel('Instance tags').fill('env=new')
    await dialog.getByLabel('Resource group').fill('fresh')
    await dialog.getByLabel('Resource group').press('Enter')
    await dialog.getByText('Waiting for instances to join').waitFor()
    expect(await site.findBarriers(page)).toEqual([])

    const command = (await dialog.getByText(/^curl -fsSL/).textContent()) ?? ''
    const [, address, token] =
      /^curl -fsSL (\S+)\/install\.sh \| sudo sh -s -- --token (ct_\S+)\s*$/.exec(command) ?? []
    expect(address, command).toBe(site.bridge.url)
    expect(await (await page.request.get('/install.sh')).text()).toContain(`default_server='${address}'`)
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await dialog.getByRole('button', { name: 'Copy' }).click()
    await page.getByText('Copied', { exact: true }).waitFor()
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(command.trim())
    expect(page.url()).not.toContain('ct_')
    expect(
      await page.evaluate('performance.getEntriesByType("resource").map(({ name }) => name).join()'),
    ).not.toContain(token)
    const { system } = site
    await system
      .start(
        'instance',
        'simulate',
        '--server',
        system.server,
        '--token',
        token ?? '',
        '--count',
        '2',
        '--name-prefix',
        'fresh',
      )
      .said('2 simulated instances connected')
    await dialog.getByText('2 instances joined').waitFor()
    await dialog.getByRole('link', { name: 'fresh-2' }).waitFor()

    await dialog.getByRole('button', { name: 'Done' }).press('Enter')
    await dialog.waitFor({ state: 'detached' })
    expect(await page.locator(':focus').textContent()).toBe('Enrol instances')
    expect(parameters(page)).toEqual({})
    await filterOf(page).fill('fresh')
    await filterOf(page).press('Enter')
    await page.getByRole('row', { name: /fresh-1 Online.*env=new.*fresh/ }).waitFor()
    expect(await page.content()).not.toContain(token)
  })

  test('an empty list shows how to enrol instances', async () => {
    const empty = await startConsoleSystem()
    const page = await empty.open('/instances')
    await page.getByText('No instances yet').waitFor()
    await page.getByRole('button', { name: 'Enrol instances' }).last().click()
    await page.getByRole('dialog', { name: 'Enrol instances' }).waitFor()
    expect(parameters(page)).toEqual({ enrol: 'true' })
    await empty.stop()
  })
})

test('the page works in Chinese, dark and on a narrow screen', async () => {
  const page = await site.open('/instances?status=online', {
    language: 'zh-CN',
    colorScheme: 'dark',
    viewport: { width: 480, height: 900 },
  })
  await page.getByRole('button', { name: '接入实例' }).waitFor()
  await page.getByText('状态 = 在线').first().waitFor()
  await expect.poll(() => page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
})
