/**
 * Access: users, keys, tokens and audit log, by mouse and keyboard; missing permissions are
 * reported.
 */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient } from '../../src/client/client.ts'
import { type ConsoleSystem, startConsoleSystem } from '../e2e/console-system.ts'
import { adminPassword } from '../integration/cli/cli-system.ts'

let site: ConsoleSystem
beforeAll(async () => {
  site = await startConsoleSystem()
})
afterAll(() => site.stop())

const dialog = (page: Page) => page.getByRole('dialog')
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const inDialog = (page: Page, name: string) => dialog(page).getByRole('button', { name, exact: true })

async function choose(page: Page, row: string, action: string) {
  await page.getByRole('radio', { name: `Select ${row}` }).check()
  await button(page, action).click()
}

async function signIn(page: Page, userName: string, password: string) {
  await page.getByLabel('User name').fill(userName)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.keyboard.press('Enter')
}

test('a user created with a policy and a password can sign in', async () => {
  const page = await site.open('/access')
  await button(page, 'Create user').click()
  await inDialog(page, 'Create user').click()
  await dialog(page).getByText('Start with a letter or digit').waitFor()
  await dialog(page).getByLabel('Name', { exact: true }).fill('reader')
  await dialog(page)
    .getByLabel(/^Password/)
    .fill('short')
  await inDialog(page, 'Create user').click()
  await dialog(page).getByText('Use at least 12 characters.').waitFor()
  await inDialog(page, 'Generate').click()
  const password = await dialog(page)
    .getByLabel(/^Password/)
    .inputValue()
  expect(password).toMatch(/^\w{20}$/)
  await dialog(page)
    .getByRole('button', { name: /^Policies/ })
    .click()
  await page.getByRole('option', { name: /AliyunOOSReadOnlyAccess/ }).click()
  await page.keyboard.press('Escape')
  expect(await site.findBarriers(page)).toEqual([])
  await inDialog(page, 'Create user').click()
  await page.getByText('User reader created.').waitFor()
  await page.getByRole('row', { name: /reader.*AliyunOOSReadOnlyAccess/ }).waitFor()
  expect(await site.findBarriers(page)).toEqual([])

  const theirs = await site.open('/access', { signedIn: false })
  await signIn(theirs, 'reader', password)
  await theirs.getByRole('tab', { name: 'Sessions' }).click()
  await theirs.getByRole('row', { name: /reader.*This session/ }).waitFor()
  for (const tab of ['Users', 'Access keys', 'Join tokens', 'Roles', 'Policies', 'Audit log']) {
    await theirs.getByRole('tab', { name: tab }).click()
    await theirs.getByText(`No permission to view: ${tab}`).waitFor()
  }
  expect(await site.findBarriers(theirs)).toEqual([])
})

test('policies are changed, a password is set, and a user with policies must be deleted explicitly', async () => {
  await site.system.run('user', 'create', 'ci', '--description', 'the build server')
  const page = await site.open('/access')
  await choose(page, 'ci', 'Change policies')
  await dialog(page)
    .getByRole('button', { name: /^Policies/ })
    .click()
  await page.getByRole('option', { name: /AliyunOOSFullAccess/ }).click()
  await page.keyboard.press('Escape')
  await inDialog(page, 'Save').click()
  await page.getByText('Policies of ci changed.').waitFor()
  await page.getByRole('row', { name: /ci.*AliyunOOSFullAccess/ }).waitFor()
  expect(new URL(page.url()).search).toBe('?selected=ci')

  await button(page, 'Set password').click()
  await inDialog(page, 'Generate').click()
  const password = await dialog(page).getByLabel('Password', { exact: true }).inputValue()
  await inDialog(page, 'Set password').click()
  await page.getByText('Password set for ci.').waitFor()
  const theirs = await site.open('/', { signedIn: false })
  await signIn(theirs, 'ci', password)
  await theirs.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()

  await button(page, 'Delete').click()
  await inDialog(page, 'Delete').click()
  await dialog(page).getByText('it has the policy AliyunOOSFullAccess').waitFor()
  await dialog(page).getByRole('checkbox').check()
  await inDialog(page, 'Delete').click()
  await page.getByText('User ci deleted.').waitFor()
  await expect.poll(() => page.getByRole('radio', { name: 'Select ci' }).count()).toBe(0)
})

test('changing the own password requires the current one', async () => {
  const page = await site.open('/access')
  await choose(page, 'admin', 'Set password')
  await inDialog(page, 'Generate').click()
  await inDialog(page, 'Set password').click()
  await dialog(page).getByText('Enter your current password.').waitFor()
  await dialog(page).getByLabel('Your current password').fill('not it')
  await inDialog(page, 'Set password').click()
  await dialog(page).getByText('Error PasswordWrong').waitFor()
  await dialog(page).getByLabel('Your current password').fill(adminPassword)
  await dialog(page).getByLabel('Password', { exact: true }).fill(adminPassword)
  await inDialog(page, 'Set password').click()
  await page.getByText('Password set for admin.').waitFor()
  await expect.poll(() => dialog(page).count()).toBe(0)
})

test('an access key is shown once, works, and is rejected while disabled; by keyboard', async () => {
  const page = await site.open('/access?tab=keys')
  await button(page, 'Create access key').focus()
  await page.keyboard.press('Enter')
  await dialog(page)
    .getByLabel(/^Description/)
    .fill('by keyboard')
  await page.keyboard.press('Enter')
  const shown = await dialog(page).getByRole('region', { name: 'Environment variables' }).innerText()
  const lines = shown.split('\n').filter((line) => line.trim() !== '')
  const environment = Object.fromEntries(lines.map((line) => line.replace('export ', '').split('=')))
  const id = environment['CHANDLER_ACCESS_KEY_ID'] as string
  expect(lines).toHaveLength(3)
  expect(await site.findBarriers(page)).toEqual([])
  const secret = environment['CHANDLER_ACCESS_KEY_SECRET'] as string
  const client = createClient({ server: site.system.server, accessKeyId: id, accessKeySecret: secret })
  await inDialog(page, 'Done').click()
  expect(await page.getByText(secret).count()).toBe(0)
  expect(await client.whoami.get()).toMatchObject({ userName: 'admin' })

  await choose(page, id, 'Disable')
  await inDialog(page, 'Disable').click()
  await page.getByRole('row', { name: new RegExp(`${id}.*Disabled`) }).waitFor()
  await expect(client.whoami.get()).rejects.toMatchObject({ status: 401 })
  await button(page, 'Enable').click()
  await page.getByText(`Access key ${id} enabled.`).waitFor()
  expect(await client.whoami.get()).toMatchObject({ userName: 'admin' })

  await choose(page, id, 'Delete')
  await dialog(page).getByText('A deleted key cannot be restored.').waitFor()
  await inDialog(page, 'Delete').click()
  await page.getByText(`Access key ${id} deleted.`).waitFor()
  await expect(client.whoami.get()).rejects.toMatchObject({ status: 401 })
})

test('a session can be ended, and its browser has to sign in again', async () => {
  await site.system.run('user', 'create', 'away')
  const client = createClient({
    server: site.system.server,
    accessKeyId: 'test',
    accessKeySecret: 'a-secret-for-this-test-only',
  })
  const password = 'four unrelated garden words'
  await client.passwords.set('away', { password })
  const theirs = await site.open('/', { signedIn: false })
  await signIn(theirs, 'away', password)
  await theirs.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
  const page = await site.open('/access?tab=sessions&find=away')
  await page.getByRole('row', { name: /away/ }).getByRole('radio').check()
  expect(await site.findBarriers(page)).toEqual([])
  await button(page, 'End session').click()
  await inDialog(page, 'End session').click()
  await page.getByText('Session of away ended.').waitFor()
  await theirs.getByLabel('Password', { exact: true }).waitFor()
})

test('a join token is shown with its command, and can be revoked', async () => {
  const page = await site.open('/access?tab=tokens')
  await button(page, 'Create join token').first().click()
  await dialog(page)
    .getByLabel(/^Maximum number of instances/)
    .fill('many')
  await dialog(page)
    .getByLabel(/^Instance tags/)
    .fill('env')
  await inDialog(page, 'Create join token').click()
  await dialog(page).getByText('Enter a whole number').waitFor()
  await dialog(page).getByText('"env" does not have the form name=value.').waitFor()
  await dialog(page)
    .getByLabel(/^Maximum number of instances/)
    .fill('3')
  await dialog(page)
    .getByLabel(/^Instance tags/)
    .fill('env=prod')
  await inDialog(page, 'Create join token').click()
  const command = await dialog(page).getByRole('region', { name: 'Run this command on each server' }).innerText()
  expect(command.trim()).toMatch(/^curl -fsSL http:\S+\/install\.sh \| sudo sh -s -- --token ct_\S+$/)
  await inDialog(page, 'Done').click()

  const row = page.getByRole('row', { name: /3 of 3.*env=prod/ })
  await row.getByRole('radio').check()
  await button(page, 'Revoke').click()
  await inDialog(page, 'Revoke').click()
  await page.getByText(/Join token .* revoked\./).waitFor()
  await expect.poll(() => row.count()).toBe(0)
})

test('a policy opens in a dialog with its own address', async () => {
  const page = await site.open('/access?tab=roles')
  await page.getByRole('link', { name: 'InstallExtensions' }).click()
  await dialog(page).getByText('"Effect": "Allow"').first().waitFor()
  await dialog(page).getByText('Role ExtensionInstance').waitFor()
  expect(new URL(page.url()).search).toBe('?tab=policies&policy=InstallExtensions')
  expect(await site.findBarriers(page)).toEqual([])
})

test('the audit log is filtered by address and by input, and paginated', async () => {
  const client = createClient({
    server: site.system.server,
    accessKeyId: 'test',
    accessKeySecret: 'a-secret-for-this-test-only',
  })
  for (const name of Array.from({ length: 60 }, (_, index) => `many-${index}`)) await client.users.create({ name })
  // Its sign-in is the newest entry.
  const page = await site.open('/access?tab=audit&resource=user%2Fmany-&action=CreateUser', { ownPage: true })
  const rows = page.getByRole('row', { name: /CreateUser/ })
  await expect.poll(() => rows.count()).toBe(50)
  expect(await site.findBarriers(page)).toEqual([])
  await button(page, 'Older').click()
  await expect.poll(() => rows.count()).toBe(10)
  await page.getByRole('link', { name: 'user/many-0', exact: true }).waitFor()
  await page.reload()
  await expect.poll(() => rows.count()).toBe(10)
  await button(page, 'Newer').click()
  await page.getByRole('link', { name: 'user/many-59', exact: true }).waitFor()

  await button(page, 'Clear filter').click()
  await page
    .getByRole('row', { name: /SignIn/ })
    .first()
    .waitFor()
  await page.getByRole('combobox', { name: /^Filter by actor/ }).fill('Actor = nobody')
  await page.keyboard.press('Enter')
  await page.getByText('No matches').waitFor()
  expect(new URL(page.url()).searchParams.get('actor')).toBe('nobody')
})
