/**
 * The frame around pages: sign-in and sign-out, navigation, languages, appearance, and a lost
 * connection.
 */
import type { Page, Response } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminPassword } from '../integration/cli/cli-system.ts'
import { type ConsoleSystem, startConsoleSystem } from './console-system.ts'

let site: ConsoleSystem
beforeAll(async () => {
  site = await startConsoleSystem()
})
afterAll(() => site.stop())

async function typeSignIn(page: Page, name: string, password: string) {
  await page.getByLabel('User name').fill(name)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.keyboard.press('Enter')
}

test('after signing in, the requested page opens', async () => {
  const page = await site.open('/access', { signedIn: false })
  await typeSignIn(page, 'admin', 'not the password')
  await page.getByText('The user name or the password is wrong.').waitFor()
  expect(await site.findBarriers(page)).toEqual([])
  await typeSignIn(page, 'admin', adminPassword)
  await page.getByRole('heading', { level: 1, name: 'Access' }).waitFor()
  expect(await page.title()).toBe('Access · Chandler')

  await page.getByRole('button', { name: 'Signed in as admin' }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByLabel('User name').waitFor()
  await page.reload()
  await page.getByLabel('User name').waitFor()
})

test('a session that ended elsewhere requires signing in again', async () => {
  const page = await site.open('/')
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
  await page.context().clearCookies()
  // The next request notices it: of the next page, or of the overview if it is faster.
  await page.evaluate('document.querySelector(\'a[href="/extensions"]\')?.click()')
  await page.getByLabel('User name').waitFor()
  expect(await page.getByText('session has ended').count()).toBeGreaterThan(0)
})

test('keyboard navigation moves the focus to the page title', async () => {
  const page = await site.open('/')
  const link = page.getByRole('link', { name: 'Access' })
  await link.focus()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Access' }).waitFor()
  await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Access')
  await page.goBack()
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
})

test('an unknown address shows an error page', async () => {
  const page = await site.open('/nothing/here')
  await page.getByRole('heading', { level: 1, name: 'Page not found' }).waitFor()
  expect(await site.findBarriers(page)).toEqual([])
})

test('Chinese is selected by the browser or by the user', async () => {
  const chinese = await site.open('/access', { language: 'zh-CN' })
  await chinese.getByRole('heading', { level: 1, name: '访问控制' }).waitFor()
  expect(await chinese.evaluate('document.documentElement.lang')).toBe('zh-CN')

  const page = await site.open('/access')
  await page.getByRole('button', { name: 'Language: English' }).click()
  await page.getByRole('menuitem', { name: '中文（简体）' }).click()
  await page.getByRole('heading', { level: 1, name: '访问控制' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { level: 1, name: '访问控制' }).waitFor()
})

test('dark mode is selected by the system or by the user', async () => {
  const ink = (page: Page) => page.evaluate("getComputedStyle(document.querySelector('h1')).color")
  const dark = await site.open('/', { colorScheme: 'dark' })
  const light = await site.open('/', { colorScheme: 'light' })
  for (const page of [dark, light]) await page.getByRole('heading', { level: 1 }).waitFor()
  const [night, day] = [await ink(dark), await ink(light)]
  expect(night).not.toBe(day)
  await light.getByRole('button', { name: 'Appearance' }).click()
  await light.getByRole('menuitemcheckbox', { name: 'Dark' }).click()
  await expect.poll(() => ink(light)).toBe(night)
  expect(await site.findBarriers(dark)).toEqual([])
})

test('signing in in one tab is enough for the others', async () => {
  const page = await site.open('/extensions', { signedIn: false })
  await page.getByLabel('User name').fill('adm')
  const look = () => page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
  const answered = page.waitForResponse(/\/api\/v1\/session$/)
  await look()
  expect((await answered).status()).toBe(401)
  expect(await page.getByLabel('User name').inputValue()).toBe('adm')
  const other = await site.open('/', { signedIn: false, beside: page })
  await typeSignIn(other, 'admin', adminPassword)
  await other.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
  await look()
  await page.getByRole('heading', { level: 1, name: 'Extensions' }).waitFor()
})

test('a lost connection is shown and restored, including a page opened meanwhile', async () => {
  const page = await site.open('/', { ownPage: true })
  await page.getByText('Connected', { exact: true }).filter({ visible: true }).waitFor()
  await site.bridge.cut()
  try {
    await page.getByText('Reconnecting').filter({ visible: true }).first().waitFor()
    await page.getByRole('link', { name: 'Access' }).click()
    await page.getByRole('main').getByRole('status').getByText('Loading').waitFor()
  } finally {
    await site.bridge.restore()
  }
  await page.getByRole('heading', { level: 1, name: 'Access' }).waitFor()
  await page.getByText('Connected', { exact: true }).filter({ visible: true }).waitFor()
  expect(await page.getByText('Reconnecting').filter({ visible: true }).count()).toBe(0)
})

test('the first page is small and has a Content-Security-Policy', async () => {
  const page = await site.open('/install.sh', { signedIn: false })
  const responses: Response[] = []
  page.on('response', (response) => void responses.push(response))
  const answer = await page.goto('/')
  await page.getByLabel('User name').waitFor()
  await page.waitForLoadState('networkidle')
  const sizeOf = async (type: string) => {
    const files = responses.filter((response) => response.request().resourceType() === type)
    const lengths = await Promise.all(files.map((file) => file.headerValue('content-length')))
    return lengths.reduce((sum, length) => sum + Number(length), 0)
  }
  const sizes = { script: await sizeOf('script'), stylesheet: await sizeOf('stylesheet') }
  expect(answer?.headers()['content-security-policy']).toContain("script-src 'self';")
  console.log(`first page: ${sizes.script} bytes of script, ${sizes.stylesheet} of styles, compressed`)
  expect(sizes.script).toBeGreaterThan(50_000)
  // Also the limit for React's development build, which an environment with NODE_ENV must not select.
  expect(sizes.script).toBeLessThan(400_000)
  expect(sizes.stylesheet).toBeLessThan(250_000)
})
