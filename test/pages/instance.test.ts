/** Instance page: facts, editing, installing and removing extensions, history, and removal. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { InstanceView } from '../../src/protocol/api/instances.ts'
import { type ConsoleSystem, startConsoleSystem } from '../e2e/console-system.ts'
import type { Simulation } from '../integration/cli/cli-system.ts'

let site: ConsoleSystem
let web: InstanceView
let gone: InstanceView
/** Agent of `gone`. */
let agent: Simulation

const configurations =
  'configurations:\n  - { os: linux, artifact: package.bin, install: install.sh, uninstall: install.sh }\n'

const startAgent = (prefix: string) =>
  site.system.simulate(1, '--name-prefix', prefix, '--tag', 'env=test', '--duration', '100ms')

const createExtension = async (name: string, head: string) =>
  site.system.json(
    'extension',
    'create',
    await site.system.makeExtension(name, { 'extension.yaml': `name: ${name}\n${head}\n${configurations}` }),
  )

beforeAll(async () => {
  site = await startConsoleSystem()
  await startAgent('web')
  agent = await startAgent('gone')
  const all = await site.system.json<InstanceView[]>('instance', 'list')
  const find = (name: string) => all.find((one) => one.name === name) as InstanceView
  web = find('web-1')
  gone = find('gone-1')
  await site.system.createExtension('demo')
  await createExtension('asks', 'parameters:\n  host: { type: String }')
  await createExtension('narrow', 'scope:\n  platforms: [{ id: solaris }]')
})
afterAll(() => site.stop())

const row = (page: Page, name: string) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name }) })
const dialogOf = (page: Page, name: string | RegExp) => page.getByRole('dialog', { name })
const focused = (page: Page) => page.locator(':focus')

test('facts are shown, the tab is part of the address, and the page is live', async () => {
  const page = await site.open(`/instances/${web.id}`)
  await page.getByRole('heading', { level: 1, name: 'web-1' }).waitFor()
  await page.getByText(/^Connected since /).waitFor()
  expect(await site.findBarriers(page)).toEqual([])
  await page.getByRole('tab', { name: 'Facts' }).click()
  await expect.poll(() => new URL(page.url()).searchParams.get('tab')).toBe('facts')
  const facts = page.getByRole('tabpanel', { name: 'Facts' })
  for (const text of [web.facts.os.name, web.facts.os.kernel, web.facts.hostName, web.facts.agentVersion])
    await facts.getByText(text, { exact: true }).first().waitFor()
  expect(await site.findBarriers(page)).toEqual([])
  await page.reload()
  await facts.getByText(web.facts.os.kernel, { exact: true }).waitFor()
  await site.system.run('instance', 'tag', web.id, 'source=elsewhere')
  await page.getByText('source=elsewhere').waitFor()
})

test('name, tags and group are edited by keyboard; malformed tags show an error', async () => {
  const page = await site.open(`/instances/${web.id}`)
  const edit = page.getByRole('button', { name: 'Edit', exact: true })
  await edit.focus()
  await page.keyboard.press('Enter')
  const dialog = dialogOf(page, 'Edit web-1')
  await dialog.waitFor()
  expect(await site.findBarriers(page)).toEqual([])
  // The close button has the first focus.
  await page.keyboard.press('Tab')
  expect(await focused(page).inputValue()).toBe('web-1')
  await page.keyboard.press('End')
  await page.keyboard.type('-renamed')
  await page.keyboard.press('Tab')
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type('env=prod\nproduction')
  await dialog.getByRole('textbox', { name: 'Resource group' }).fill('shop')
  await page.keyboard.press('Enter')
  await dialog.getByText('"production" does not have the form name=value.').waitFor()
  expect(await dialog.getByRole('textbox', { name: 'Tags' }).getAttribute('aria-invalid')).toBe('true')
  await dialog.getByRole('textbox', { name: 'Tags' }).fill('env=prod\nenv=test')
  await dialog.getByText('The tag "env" is duplicated.').waitFor()
  await dialog.getByRole('textbox', { name: 'Tags' }).fill('env=prod')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('heading', { level: 1, name: 'web-1-renamed' }).waitFor()
  await page.getByText('web-1-renamed saved.').waitFor()
  await expect.poll(() => focused(page).textContent()).toBe('Edit')
  expect(await site.system.json('instance', 'show', web.id)).toMatchObject({
    name: 'web-1-renamed',
    tags: { env: 'prod' },
    resourceGroup: 'shop',
  })
})

test('an extension is installed and uninstalled on the instance page; the history lists both', async () => {
  const page = await site.open(`/instances/${web.id}`)
  await row(page, 'demo').getByText('Not installed').waitFor()
  await page.getByRole('button', { name: 'Install: demo' }).focus()
  await page.keyboard.press('Enter')
  const dialog = dialogOf(page, /^Install demo on /)
  await dialog.getByText('not installed: installs v1').waitFor()
  await dialog.getByText('port=80, secret').waitFor()
  expect(await site.findBarriers(page)).toEqual([])
  // A double click submits once.
  await dialog.getByRole('button', { name: 'Install', exact: true }).dblclick()
  await page.getByText('Started: Install demo v1').waitFor()
  await row(page, 'demo').getByText('Installed', { exact: true }).waitFor()
  await row(page, 'demo').getByText('up to date').waitFor()
  await expect.poll(() => focused(page).getAttribute('aria-label')).toBe('Uninstall: demo')
  expect(await site.findBarriers(page)).toEqual([])

  await page.keyboard.press('Enter')
  const removal = dialogOf(page, /^Uninstall demo from /)
  await removal.getByText('uninstalls v1').waitFor()
  await page.keyboard.press('Escape')
  await removal.waitFor({ state: 'detached' })
  await expect.poll(() => focused(page).getAttribute('aria-label')).toBe('Uninstall: demo')
  await page.keyboard.press('Enter')
  await removal.getByText('uninstalls v1').waitFor()
  await removal.getByRole('button', { name: 'Uninstall', exact: true }).click()
  await row(page, 'demo').getByText('Not installed').waitFor()

  await page.getByRole('tab', { name: 'History' }).click()
  const history = page.getByRole('table', { name: 'History' })
  await history.getByRole('row', { name: /Uninstall demo.*Success.*admin/ }).waitFor()
  await history.getByRole('row', { name: /Install demo v1.*Success.*admin/ }).waitFor()
  expect(await history.getByRole('rowheader').count()).toBe(2)
  expect(await site.findBarriers(page)).toEqual([])
  await page.getByRole('link', { name: 'View execution' }).first().click()
  await page.getByRole('heading', { level: 1, name: 'Uninstall demo' }).waitFor()
})

test('an extension out of scope shows the reason and no actions; filters are part of the address', async () => {
  const page = await site.open(`/instances/${web.id}`)
  await row(page, 'narrow')
    .getByText(/Not applicable: .*solaris/)
    .waitFor()
  expect(await row(page, 'narrow').getByRole('button').count()).toBe(0)
  await page.getByRole('button', { name: 'Applicable', exact: true }).click()
  await row(page, 'narrow').waitFor({ state: 'detached' })
  await page.getByRole('searchbox', { name: 'Find extensions' }).fill('DEM')
  await row(page, 'asks').waitFor({ state: 'detached' })
  await page.reload()
  await row(page, 'demo').waitFor()
  expect(await page.getByRole('rowheader').count()).toBe(1)
  await page.getByRole('searchbox', { name: 'Find extensions' }).fill('nobody')
  await page.getByText('No matches').waitFor()
  await page.getByRole('button', { name: 'Clear filter' }).last().click()
  await row(page, 'narrow').waitFor()
})

test('required parameters are set on the batch page, with all other fields prefilled', async () => {
  const page = await site.open(`/instances/${web.id}`)
  await page.getByRole('button', { name: 'Install: asks' }).click()
  const dialog = dialogOf(page, /^Install asks on /)
  await dialog.getByText('must set them: host').waitFor()
  await dialog.getByRole('button', { name: 'Set parameters' }).click()
  await page.getByText('1 instance selected').waitFor()
  await page.getByRole('textbox', { name: 'host' }).waitFor()
  expect(Object.fromEntries(new URL(page.url()).searchParams)).toMatchObject({
    extension: 'asks',
    version: 'v1',
    instances: web.id,
  })
})

test('the role is changed', async () => {
  await site.system.run('role', 'create', 'careful')
  const page = await site.open(`/instances/${web.id}`)
  await page.getByRole('button', { name: 'Change role' }).click()
  const dialog = dialogOf(page, /^Role of /)
  await dialog.getByRole('button', { name: /^Role/ }).click()
  await page.getByRole('option', { name: 'careful' }).click()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('link', { name: 'careful', exact: true }).waitFor()
  expect(await site.system.json('instance', 'show', web.id)).toMatchObject({ role: 'careful' })
})

test('a disconnected agent is shown immediately; an execution waits for it; the instance is removed', async () => {
  const page = await site.open(`/instances/${gone.id}`)
  await page.getByText(/^Connected since /).waitFor()
  await agent.stop()
  await page.getByText(/^Not connected; last seen /).waitFor()

  await page.getByRole('button', { name: 'Install: demo' }).click()
  const dialog = dialogOf(page, /^Install demo on gone-1/)
  await dialog.getByText('The instance is not connected.').waitFor()
  await dialog.getByRole('button', { name: 'Install', exact: true }).click()
  const install = page.getByRole('button', { name: 'Install: demo' })
  await expect.poll(() => install.getAttribute('aria-disabled')).toBe('true')
  await row(page, 'demo').getByRole('link', { name: 'Install demo v1' }).waitFor()

  await page.getByRole('button', { name: 'Remove', exact: true }).click()
  const removal = dialogOf(page, 'Remove gone-1?')
  await removal.getByRole('button', { name: 'Remove', exact: true }).click()
  await removal.getByText('is in use by exec-').waitFor()
  expect(await site.findBarriers(page)).toEqual([])
  await removal.getByRole('checkbox').check()
  await removal.getByRole('button', { name: 'Remove', exact: true }).click()
  await page.getByText('gone-1 removed.').waitFor()
  await page.waitForURL('**/instances')

  const after = await site.open(`/instances/${gone.id}`)
  await after.getByRole('heading', { level: 1, name: 'Instance not found' }).waitFor()
  expect(await site.findBarriers(after)).toEqual([])
})

test('the page works in Chinese, dark and on a narrow screen', async () => {
  const page = await site.open(`/instances/${web.id}?tab=history`, {
    language: 'zh-CN',
    colorScheme: 'dark',
    ownPage: true,
  })
  await page.getByRole('tab', { name: '历史记录' }).waitFor()
  await page.getByText(/起已连接$/).waitFor()
  expect(await site.findBarriers(page)).toEqual([])
  await page.setViewportSize({ width: 480, height: 900 })
  await expect.poll(() => page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
})
