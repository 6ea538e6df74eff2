/** Groups and assignments: created, halted and resumed in the console, with live numbers. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient } from '../../src/client/client.ts'
import { type ConsoleSystem, startConsoleSystem } from './console-system.ts'

let site: ConsoleSystem
beforeAll(async () => {
  site = await startConsoleSystem()
  await site.system.simulate(3, '--duration', '10ms-30ms', '--name-prefix', 'web', '--tag', 'role=web')
  await site.system.simulate(1, '--duration', '10ms-30ms', '--name-prefix', 'db', '--tag', 'role=db')
  await site.system.createExtension('demo')
  await site.system.run('group', 'create', 'servers', '--filter', 'tag:role=web')
})
afterAll(() => site.stop())

test('a group is created by keyboard, with its reasons and its number of instances', async () => {
  const page = await site.open('/groups')
  await page.getByText('servers').waitFor()
  await page.getByRole('button', { name: 'Create group' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name', { exact: true }).press('Enter')
  await dialog.getByText('Enter a name.').waitFor()
  await dialog.getByLabel('Name', { exact: true }).fill('web')
  await dialog.getByLabel('Filter', { exact: true }).fill('colour=red')
  await page.keyboard.press('Enter')
  await dialog.getByText('"colour" is not one of').waitFor()
  await dialog.getByLabel('Filter', { exact: true }).fill('tag:role=web')
  expect(await site.findBarriers(page)).toEqual([])
  await page.keyboard.press('Enter')
  await page.getByText('Group web created: 3 instances.').waitFor()
  await page.getByRole('radio', { name: 'Select web' }).check()
  const start = page.getByRole('link', { name: 'Start an execution' })
  expect(await start.getAttribute('href')).toBe('/batch?by=savedGroup&savedGroup=web')
  expect(await site.findBarriers(page)).toEqual([])
})

test('an assignment shows desired, actual and difference, and is halted and resumed', async () => {
  const page = await site.open('/assignments')
  await page.getByText('No assignments.').waitFor()
  const { code } = await site.system.run(
    'assignment',
    'create',
    'demo-on-web',
    '--group',
    'servers',
    '--extension',
    'demo',
    '--version',
    'v1',
  )
  expect(code).toBe(0)
  // Without a reload.
  await page
    .getByRole('row', { name: /demo-on-web.*servers.*demo v1.*Active.*3 of 3 instances.*None.*exec-/ })
    .waitFor()
  await page.getByRole('radio', { name: 'Select demo-on-web' }).check()
  expect(await site.findBarriers(page)).toEqual([])
  await page.getByRole('button', { name: 'Halt', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Halt', exact: true }).click()
  await page.getByText('demo-on-web halted.').waitFor()
  await page.getByRole('row', { name: /Halted.*Halted by admin\./ }).waitFor()
  await page.getByRole('button', { name: 'Resume', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Resume', exact: true }).click()
  await page.getByText('demo-on-web resumed.').waitFor()
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
  await page.getByText('No assignments.').waitFor()
})

test('without the permission an action is disabled and names it', async () => {
  const { system } = site
  await system.run(
    'assignment',
    'create',
    'demo-on-web',
    '--group',
    'servers',
    '--extension',
    'demo',
    '--version',
    'v1',
  )
  await system.run('user', 'create', 'reader')
  await system.run('user', 'attach', 'reader', 'AliyunOOSReadOnlyAccess')
  const accessKeySecret = 'a-secret-for-this-test-only'
  const client = createClient({ server: system.server, accessKeyId: 'test', accessKeySecret })
  const password = 'four unrelated garden words'
  await client.passwords.set('reader', { password })
  const page = await site.open('/assignments', { signedIn: false })
  await page.getByLabel('User name').fill('reader')
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.keyboard.press('Enter')
  await page.getByRole('radio', { name: 'Select demo-on-web' }).check()
  const halt = page.getByRole('button', { name: 'Halt', exact: true })
  expect(await halt.getAttribute('aria-disabled')).toBe('true')
  await halt.focus()
  await page
    .getByText('You are not allowed to perform oos:UpdateStateConfiguration')
    .first()
    .waitFor({ state: 'attached' })
  await page.getByRole('link', { name: 'Groups', exact: true }).click()
  await page.getByRole('button', { name: 'Create group' }).focus()
  await page.getByText('You are not allowed to perform oos:CreateGroup').first().waitFor({ state: 'attached' })
})
