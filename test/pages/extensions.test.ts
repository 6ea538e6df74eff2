/** Extensions: list, details, comparison, deprecation, deletion. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ConsoleSystem, startConsoleSystem } from '../e2e/console-system.ts'
import { makeSshKey } from '../integration/agent/signed-versions.ts'

let site: ConsoleSystem
beforeAll(async () => {
  site = await startConsoleSystem()
  const { system } = site
  await system.createExtension('web-server')
  await system.createExtension('log-shipper')
  const script = '#!/bin/sh\n# the second one\necho "<b>not HTML</b>" {{ port }}\n'
  await system.json('extension', 'update', await system.makeExtension('web-server', { 'install.sh': script }))
  await system.simulate(3)
  await system.run('install', 'web-server', '--targets', 'all')
})
afterAll(() => site.stop())

test('are listed with their installations, and filtered by the address', async () => {
  const page = await site.open('/extensions?find=web')
  const row = page.getByRole('row', { name: /web-server/ })
  await row.waitFor()
  expect(await row.textContent()).toMatch(/v2.*3 instances/)
  expect(await page.getByRole('row', { name: /log-shipper/ }).count()).toBe(0)
  await page.getByRole('searchbox').fill('')
  await page.getByRole('row', { name: /log-shipper/ }).waitFor()
  expect(new URL(page.url()).search).toBe('')
  expect(await site.findBarriers(page)).toEqual([])
})

test('are sorted and paginated by the address', async () => {
  const page = await site.open('/extensions?sort=-name')
  await page.getByRole('row', { name: /web-server/ }).waitFor()
  const names = () => page.locator('tbody').getByRole('link').allTextContents()
  expect(await names()).toEqual(['web-server', 'log-shipper'])
  await page.getByRole('button', { name: /^Name/ }).click()
  await expect.poll(names).toEqual(['log-shipper', 'web-server'])
  expect(new URL(page.url()).search).toBe('')
  await page.getByRole('button', { name: /^Installed on/ }).click()
  await expect.poll(() => new URL(page.url()).searchParams.get('sort')).toBe('installed')
})

test('the public tab explains the alternative', async () => {
  const page = await site.open('/extensions?tab=public')
  const panel = page.getByRole('tabpanel')
  await panel.getByText('No public extensions').waitFor()
  expect(await site.findBarriers(page)).toEqual([])
  await panel.getByRole('link', { name: 'Create extension' }).click()
  await page.getByRole('heading', { level: 1, name: 'Create custom extension' }).waitFor()
})

test('an extension created elsewhere appears automatically', async () => {
  const page = await site.open('/extensions')
  await page.getByRole('row', { name: /web-server/ }).waitFor()
  await site.system.createExtension('late-comer')
  await page.getByRole('row', { name: /late-comer/ }).waitFor()
  expect(await page.getByRole('row', { name: /late-comer/ }).count()).toBe(1)
})

test('a version shows its scripts as text, and its differences to the previous one', async () => {
  const page = await site.open('/extensions/web-server', { ownPage: true })
  await page.getByText('# the second one').waitFor()
  expect(await page.getByText('<b>not HTML</b>').count()).toBe(1)
  expect(await site.findBarriers(page)).toEqual([])
  await page.getByRole('button', { name: 'Compare with previous version' }).click()
  await page.getByText('+ # the second one').first().waitFor()
  expect(new URL(page.url()).searchParams.get('from')).toBe('v1')
  expect(await page.getByText('- echo hello').count()).toBe(2)
  const ink = () => page.evaluate("getComputedStyle(document.querySelector('.difference-added')).backgroundColor")
  const day = await ink()
  expect(day, 'added lines are highlighted').not.toBe('rgba(0, 0, 0, 0)')
  await page.emulateMedia({ colorScheme: 'dark' })
  await expect.poll(ink).not.toBe(day)
  expect(await ink()).not.toBe('rgba(0, 0, 0, 0)')
  await page.getByRole('tab', { name: 'Installations' }).click()
  await page.getByRole('link', { name: '3 instances' }).waitFor()
})

test('a version shows who signed it', async () => {
  const key = makeSshKey(site.system.folder, 'publisher')
  const page = await site.open('/extensions/log-shipper')
  await page.getByText('Not signed').waitFor()
  await site.system.json('extension', 'sign', 'log-shipper@v1', '--key', key.path)
  await page.reload()
  await page.getByText(key.fingerprint).waitFor()
  expect(await page.getByText('Not signed').count()).toBe(0)
  expect(await site.findBarriers(page)).toEqual([])
})

test('a version is deprecated and made available again', async () => {
  const page = await site.open('/extensions/web-server?version=v1')
  await page.getByRole('button', { name: 'Deprecate', exact: true }).click()
  await page.getByRole('row', { name: /v1.*Deprecated/ }).waitFor()
  await page.getByRole('button', { name: 'Make available' }).click()
  await page.getByRole('row', { name: /v1.*Available/ }).waitFor()
  const versions = await site.system.json<{ version: string; deprecated: boolean }[]>('extension', 'show', 'web-server')
  expect(JSON.stringify(versions)).not.toContain('"deprecated":true')
})

test('the checks of a version are shown, scripts in full; lengths are limits', async () => {
  const place = await site.system.makeExtension('checked', {
    'extension.yaml': [
      'name: checked',
      'parameters:',
      '  mode: { type: String, default: fast, minLength: 2 }',
      'configurations:',
      '  - os: linux',
      '    install: install.sh',
      '    verify:',
      '      - { kind: port, port: 8080, within: 20s }',
      '      - { kind: script, script: check.sh }',
    ].join('\n'),
    'check.sh': '#!/bin/sh\n# looks whether it answers\n',
  })
  await site.system.json('extension', 'create', place)
  const page = await site.open('/extensions/checked')
  await page.getByText('Port is open: 8080').waitFor()
  await page.getByText('length ≥ 2').waitFor()
  await page.getByRole('tab', { name: 'Script of check 2' }).click()
  await page.getByText('# looks whether it answers').waitFor()
  const script = page.getByRole('region', { name: 'Script of check 2' })
  expect(await script.locator('tbody tr').allTextContents()).toEqual(['1#!/bin/sh\n', '2# looks whether it answers\n'])
  expect(await site.findBarriers(page)).toEqual([])
})

test('tags are edited; malformed tags show an error', async () => {
  const page = await site.open('/extensions/log-shipper')
  await page.getByRole('button', { name: 'Edit tags' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Tags', { exact: true }).fill('team')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.getByText('"team" does not have the form name=value').waitFor()
  await dialog.getByLabel('Tags', { exact: true }).fill('team=ops')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'detached' })
  await page.getByText('team=ops').waitFor()
  expect(await site.system.json('extension', 'show', 'log-shipper')).toMatchObject({ tags: { team: 'ops' } })
})

test('an extension in use must be deleted explicitly, after an error that names its users', async () => {
  const page = await site.open('/extensions/web-server')
  const open = async () => {
    await page.getByRole('button', { name: 'More' }).click()
    await page.getByRole('menuitem', { name: 'Delete extension' }).click()
  }
  await open()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Delete' }).click()
  await dialog.getByText('Error ExtensionInUse').waitFor()
  await dialog.getByText('Delete anyway').click()
  await dialog.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('heading', { level: 1, name: 'Extensions' }).waitFor()
  const left = await site.system.json<{ name: string }[]>('extension', 'list')
  expect(left.map(({ name }) => name)).not.toContain('web-server')
})

test('an unknown extension shows an error', async () => {
  const page = await site.open('/extensions/nothing')
  await page.getByText('Error ExtensionNotFound').waitFor()
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('nothing')
})
