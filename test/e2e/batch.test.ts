/**
 * Batch software management: input becomes a plan, a command and an execution; by mouse, by
 * keyboard and from an address.
 */
import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ExecutionView } from '../../src/protocol/api/executions.ts'
import type { InstanceView } from '../../src/protocol/api/instances.ts'
import { type ConsoleSystem, startConsoleSystem } from './console-system.ts'

let site: ConsoleSystem
let ids: readonly string[]
beforeAll(async () => {
  site = await startConsoleSystem()
  const { system } = site
  await system.simulate(12, '--tag', 'env=prod')
  await system.createExtension('demo')
  ids = (await system.json<{ id: string }[]>('instance', 'list')).map(({ id }) => id)
})
afterAll(() => site.stop())

const next = (page: Page) => page.getByRole('button', { name: 'Next: parameter confirmation' }).click()
const confirmed = (page: Page) => page.getByRole('heading', { level: 1, name: 'Parameter confirmation' }).waitFor()
const commandOf = (page: Page) => page.getByRole('region', { name: 'Command', exact: true }).textContent()
const executionOf = async (page: Page) => {
  await page.waitForURL(/\/executions\/exec-/)
  return site.system.json<ExecutionView>('execution', 'show', page.url().split('/').at(-1) ?? '')
}

test('the complete flow: extension, parameters, instances from the table, batches, confirmation, execution', async () => {
  const page = await site.open('/batch')
  await page.getByRole('button', { name: /Extension/ }).click()
  await page.getByRole('option', { name: /demo/ }).click()
  await page.getByLabel('port').fill('99999')
  await page.getByText('above the maximum 65535').waitFor()
  await page.getByLabel('port').fill('8080')
  await page.getByLabel('secret').fill('never shown')
  await page.getByRole('checkbox', { name: 'Select all on this page' }).check()
  await page.getByText('10 instances selected').waitFor()
  await page.getByRole('button', { name: 'Next page' }).click()
  await page
    .getByRole('checkbox', { name: /Select sim-/ })
    .first()
    .check()
  await page.getByText('11 instances selected').waitFor()
  await page.getByRole('radio', { name: 'Batches' }).check()
  await page.getByLabel('Batch sizes').fill('1, 50%')
  await page.getByText('3 batches').waitFor()
  await page.getByLabel('Batch sizes').fill('1, 4')
  await page.getByText('4 batches').waitFor()
  expect(page.url()).not.toContain('never')
  expect(await site.findBarriers(page)).toEqual([])

  await next(page)
  await confirmed(page)
  await expect.poll(() => page.locator(':focus').textContent()).toBe('Parameter confirmation')
  await page.getByText('not installed: installs v1').first().waitFor()
  await page.getByRole('button', { name: 'Install 11' }).waitFor()
  expect(await page.content()).not.toContain('never shown')
  await page.getByLabel('Description').fill('ticket 7')
  expect(await site.findBarriers(page)).toEqual([])
  await page.getByRole('button', { name: 'Create execution' }).click()
  const execution = await executionOf(page)
  expect(execution).toMatchObject({ action: 'install', extension: 'demo', taskCount: 11, description: 'ticket 7' })
  expect(execution.batches.map(({ size }) => size)).toEqual([1, 4, 4, 2])

  const again = await site.open(`/batch?again=${execution.id}`)
  await again.getByText('11 instances selected').waitFor()
  await again.getByText('Secret values are never displayed').waitFor()
  expect(await again.getByLabel('Batch sizes').inputValue()).toBe('1, 4')
  expect(new URL(again.url()).searchParams.get('again')).toBeNull()
})

test('the address prefills the form, and the keyboard leads to the confirmation', async () => {
  const page = await site.open(`/batch?action=install&extension=demo&version=v1&instances=${ids.slice(0, 2).join(',')}`)
  await page.getByText('2 instances selected').waitFor()
  await page.getByRole('button', { name: 'Next: parameter confirmation', disabled: false }).focus()
  await page.keyboard.press('Enter')
  await confirmed(page)
  await page.goBack()
  await page.getByText('2 instances selected').waitFor()
  await page.goForward()
  await page.reload()
  await confirmed(page)
  await page.getByRole('table', { name: 'Instances in this plan' }).waitFor()
  expect(await page.getByRole('rowheader').count()).toBe(2)
})

test('missing and invalid fields show an error, and the first of them gets the focus', async () => {
  const page = await site.open('/batch')
  await page.getByLabel('Maximum concurrency').fill('ten')
  await next(page)
  await page.getByText('Choose an extension.').waitFor()
  await page.getByText('Select at least one instance.').waitFor()
  await page.getByText('neither a count nor a percentage').waitFor()
  expect(await page.locator(':focus').textContent()).toContain('Choose an extension')
  expect(page.url()).not.toContain('step=confirm')

  const strange = await site.open('/batch?extension=nobody')
  await strange.getByText('nobody', { exact: false }).first().waitFor()
  await strange
    .getByText(/no extension|does not exist/i)
    .first()
    .waitFor()
})

/** The text of a plan in Chinese, also without names: of instances, platforms, products and versions. */
const planInChinese = async (page: Page, names: readonly string[]) => {
  await page.getByRole('heading', { level: 1, name: '参数确认' }).waitFor()
  const table = page.getByRole('table', { name: '计划中的实例' })
  await table.getByText(ids[0] ?? '').waitFor()
  const text = (await table.allInnerTexts()).join(' ')
  // The longest names first: a short one may be a part of an id.
  const longestFirst = names.filter((name) => name !== '').toSorted((a, b) => b.length - a.length)
  return { text, rest: longestFirst.reduce((left, name) => left.replaceAll(name, ''), text) }
}

test('in Chinese a plan with targets out of scope and without a configuration has no English words', async () => {
  const { system } = site
  const os = 'linux'
  const write = (name: string, ...lines: string[]) =>
    system.makeExtension(name, { 'extension.yaml': [`name: ${name}`, ...lines].join('\n') })
  const scoped = await write(
    'scoped',
    'scope: { platforms: [{ id: debian, versions: ">=99" }, { id: "like:rhel" }], instanceFamilies: ["x1*"] }',
    'configurations:',
    `  - { os: ${os}, artifact: package.bin, install: install.sh, uninstall: install.sh }`,
  )
  const foreign = await write(
    'foreign',
    'configurations:',
    '  - { os: windows, artifact: package.bin, install: install.ps1, uninstall: install.ps1 }',
  )
  await writeFile(join(foreign, 'install.ps1'), 'exit 0')
  for (const place of [scoped, foreign]) await system.json('extension', 'create', place)
  await system.createExtension('fresh')
  const instances = await system.json<InstanceView[]>('instance', 'list')
  const named = instances.flatMap(({ id, name, facts: { os: found, cloud } }) => [
    id,
    name,
    found.id,
    cloud?.instanceFamily ?? '',
  ])
  const names = [...named, 'c1', 'v1', 'like:rhel', 'x1*', 'Linux', 'Windows', 'ID']
  const expected: readonly (readonly [extension: string, reason: RegExp])[] = [
    ['scoped', /不在适用范围内|实例规格族未知/],
    ['foreign', /配置 c1 适用于 Windows，该实例为 Linux/],
    ['fresh', /未安装，将安装 v1/],
  ]
  for (const [extension, reason] of expected) {
    const address = `/batch?action=install&extension=${extension}&version=v1&instances=${ids.slice(0, 3).join(',')}`
    const page = await site.open(address, { language: 'zh-CN' })
    await page.getByRole('button', { name: '下一步：参数确认' }).click()
    const { text, rest } = await planInChinese(page, names)
    expect(text).toMatch(reason)
    expect(rest).not.toMatch(/[A-Za-z]{2,}/)
  }
})

test('a CSV file of IDs or names, and one that mixes them', async () => {
  const page = await site.open('/batch?action=uninstall&extension=demo&by=list')
  const file = join(site.system.folder, 'mine.csv')
  await writeFile(file, `id,name\n${ids[0]},"web"\nsim-2\n`)
  await page.locator('input[type=file]').setInputFiles(file)
  await page.getByText('Line 3: IDs and names are mixed').waitFor()
  await writeFile(file, `id,name\n${ids.map((id) => `${id},"web"`).join('\n')}\n`)
  await page.locator('input[type=file]').setInputFiles(file)
  await page.getByText('12 instances read').waitFor()
  await next(page)
  await confirmed(page)
  await page.getByText('This removes demo from').waitFor()
  expect(await site.findBarriers(page)).toEqual([])
})

test('targets by tag, by resource group and all instances', async () => {
  const page = await site.open('/batch?extension=demo&by=tags')
  await page.getByRole('combobox', { name: 'Key' }).fill('env')
  await page.getByRole('combobox', { name: 'Value' }).fill('prod')
  await page.getByText('12 instances').first().waitFor()
  expect(new URL(page.url()).searchParams.get('tags')).toBe('env=prod')
  await page.getByRole('button', { name: 'All instances' }).click()
  await page.getByText('All instances of this account').waitFor()
  await page.getByRole('button', { name: 'By resource group' }).click()
  await page.getByRole('combobox', { name: 'Resource group' }).fill('nobody')
  await next(page)
  await confirmed(page)
  await page.getByText('group:nobody').first().waitFor()
  expect(await page.getByRole('button', { name: 'Create execution' }).isDisabled()).toBe(true)
})

test('an execution with a filter is repeated with the same filter and options', async () => {
  const targets = { kind: 'filter', filter: 'tag:env=prod,name~sim' }
  const { id } = await site.system.json<{ id: string }>(
    'install',
    'demo',
    '--targets',
    `filter:${targets.filter}`,
    '--reinstall',
    '--allow-removals',
    '--allow-reboot',
    '--reboot-timeout',
    '20m',
    '--detach',
  )
  const page = await site.open(`/batch?again=${id}`)
  await page.getByText('12 instances').first().waitFor()
  await page.getByText('env = prod', { exact: false }).first().waitFor()
  expect(await page.getByLabel('Reinstall the same version').isChecked()).toBe(true)
  expect(await page.getByLabel('Strict verdict').isChecked()).toBe(false)
  const minutes = page.getByLabel('Time limit for a reboot, in minutes')
  expect(await minutes.inputValue()).toBe('20')
  await minutes.fill('soon')
  await page.getByText('Enter a number of minutes between').waitFor()
  await page.getByLabel('Allow reboots').uncheck()
  await expect.poll(() => minutes.count()).toBe(0)
  await page.getByLabel('Allow reboots').check()
  await minutes.fill('90')
  expect(await site.findBarriers(page)).toEqual([])
  await page.getByLabel('Skip offline instances').check()
  await next(page)
  await confirmed(page)
  await page.getByText('filter:tag:env=prod,name~sim').first().waitFor()
  expect(await commandOf(page)).toMatch(
    /--reinstall.*--allow-removals.*--allow-reboot.*--reboot-timeout 5400s.*--skip-offline/s,
  )
  await page.getByText('Allow reboots, time limit 1 hr 30 min').waitFor()
  await page.getByRole('button', { name: 'Create execution' }).click()
  expect(await executionOf(page)).toMatchObject({
    targets,
    operation: { reinstall: true, allowRemovals: true, reboot: 'allowed', rebootTimeoutMs: 5_400_000 },
    skipOffline: true,
    strict: false,
  })
})

test('the displayed command starts the same execution', async () => {
  const search = new URLSearchParams({ action: 'update', extension: 'demo', by: 'all', parameters: '{"port":"8081"}' })
  const page = await site.open(
    `/batch?${search.toString()}&control=Batch&batches=1,5&errors=2&mode=FailurePause&step=confirm`,
  )
  await page.getByRole('table', { name: 'Instances in this plan' }).waitFor()
  await page.getByLabel('Description').fill(`it's "$(id)" \\ 50%`)
  const command = await commandOf(page)
  // Splits words like a shell, for the program of this checkout.
  const { stdout } = spawnSync('sh', ['-c', (command ?? '').replace('chandler', `printf '%s\\0'`)], {
    encoding: 'utf8',
  })
  const execution = await site.system.json<{ id: string }>(...stdout.split('\0').slice(0, -1), '--detach')
  const shown = await site.system.json<ExecutionView>('execution', 'show', execution.id)
  expect(shown).toMatchObject({
    action: 'update',
    targets: { kind: 'all' },
    mode: 'FailurePause',
    description: `it's "$(id)" \\ 50%`,
    rateControl: { mode: 'Batch', maxErrors: 2 },
  })
})
