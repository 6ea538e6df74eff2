/** Signing in: at an identity provider, and with a second factor. */

import { URI } from 'otpauth'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient } from '../../src/client/client.ts'
import { type IdentityProvider, startIdentityProvider } from '../integration/registry/identity-provider.ts'
import { type ConsoleSystem, startConsoleSystem } from './console-system.ts'

let site: ConsoleSystem
let provider: IdentityProvider

beforeAll(async () => {
  // The provider compares the whole address, and the port of the bridge is known later.
  provider = await startIdentityProvider(() => [`${site.bridge.url}/api/v1/session/sso/callback`])
  site = await startConsoleSystem({
    CHANDLER_OIDC_ISSUER: provider.issuer,
    CHANDLER_OIDC_CLIENT_ID: provider.client.id,
    CHANDLER_OIDC_CLIENT_SECRET: provider.client.secret,
    CHANDLER_OIDC_NAME: 'Example',
    CHANDLER_OIDC_GROUP_ROLES: 'ops=readers',
  })
  await provider.start()
})
afterAll(async () => {
  await site.stop()
  await provider.stop()
})

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

test('a user of the provider signs in, sees why actions are disabled, and signs out', async () => {
  await site.system.run('role', 'create', 'readers')
  await site.system.run('role', 'attach', 'readers', 'AliyunOOSReadOnlyAccess')
  provider.users['anna'] = { preferred_username: 'anna', groups: ['ops'] }
  const page = await site.open('/', { signedIn: false })
  await page.getByRole('link', { name: 'Sign in with Example' }).click()
  await page.locator('input[name="login"]').fill('anna')
  await page.locator('input[name="password"]').fill('any')
  await page.locator('button[type="submit"]').click()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()

  await page.goto('/extensions')
  const create = button(page, 'Create extension').first()
  await expect.poll(() => create.getAttribute('aria-disabled')).toBe('true')
  const description = page.locator(`[id="${await create.getAttribute('aria-describedby')}"]`)
  expect(await description.textContent()).toContain('oos:CreateTemplate on template/*')
  await page.getByRole('button', { name: 'Signed in as anna' }).click()
  expect(await page.getByRole('menuitem', { name: 'Second factor' }).count()).toBe(0)
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.waitForURL((url) => url.origin === provider.issuer)
})

test('a second factor is set up with the QR code, asked for at the next sign-in, and removed', async () => {
  const password = 'four unrelated garden words'
  await site.system.run('user', 'create', 'bea')
  const client = createClient({
    server: site.system.server,
    accessKeyId: 'test',
    accessKeySecret: 'a-secret-for-this-test-only',
  })
  await client.passwords.set('bea', { password })
  const signIn = async (page: Page) => {
    await page.getByLabel('User name').fill('bea')
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.keyboard.press('Enter')
  }
  const openDialog = async (page: Page) => {
    await page.getByRole('button', { name: 'Signed in as bea' }).click()
    await page.getByRole('menuitem', { name: 'Second factor' }).click()
    return page.getByRole('dialog')
  }
  const page = await site.open('/', { signedIn: false })
  await signIn(page)
  const dialog = await openDialog(page)
  await dialog.getByLabel('Password', { exact: true }).fill(password)
  await dialog.getByRole('button', { name: 'Next' }).click()
  await dialog.getByRole('img', { name: 'QR code for the authenticator app' }).waitFor()
  expect(await site.findBarriers(page)).toEqual([])
  const secret = await dialog.getByText(/^[A-Z2-7]{32}$/).innerText()
  const app = URI.parse(`otpauth://totp/Chandler:bea?secret=${secret}`)
  if (!('period' in app)) throw new Error('no time-based code')
  await dialog.getByLabel('Code', { exact: true }).fill(app.generate())
  await dialog.getByRole('button', { name: 'Enable' }).click()
  const shown = await page.getByRole('dialog').getByRole('region', { name: 'Recovery codes' }).innerText()
  const codes = shown.match(/[a-z2-9]{4}(-[a-z2-9]{4}){3}/g) ?? []
  expect(codes).toHaveLength(10)
  await page.getByRole('dialog').getByRole('button', { name: 'Done' }).click()

  const other = await site.open('/', { signedIn: false })
  await signIn(other)
  const field = other.getByLabel('Code', { exact: true })
  await field.fill('000000')
  await other.keyboard.press('Enter')
  await other.getByText('The code is wrong, has expired, or was used before.').waitFor()
  await field.fill(codes[0] ?? '')
  await other.keyboard.press('Enter')
  await other.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
  const removal = await openDialog(other)
  await removal.getByText('Recovery codes left: 9.').waitFor()
  await removal.getByLabel('Code', { exact: true }).fill(codes[1] ?? '')
  await removal.getByRole('button', { name: 'Remove' }).click()
  await other.getByText('Second factor removed.').waitFor()
})
