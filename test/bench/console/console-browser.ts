import { type BrowserContext, chromium } from 'playwright-core'
import { findBrowser } from '../../e2e/find-browser.ts'
import type { System } from '../system.ts'

const patienceMs = 120_000
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking']

export interface ConsoleBrowser {
  readonly context: BrowserContext
  /** Another page, without anything of the console in its cache. */
  openContext(): Promise<BrowserContext>
  stop(): Promise<void>
}

/** A browser that is signed in to the console, which the first start with new sources builds. */
export async function openConsoleBrowser({ url, password }: System): Promise<ConsoleBrowser> {
  const browser = await chromium.launch({ executablePath: await findBrowser(), headless: true, args: flags })
  const openContext = () => browser.newContext({ viewport: { width: 1280, height: 900 } })
  const context = await openContext()
  await waitForConsole(context, url)
  const response = await context.request.post(`${url}/api/v1/session`, {
    data: { userName: 'admin', password },
    headers: { 'x-chandler-console': '1', origin: url },
  })
  if (!response.ok()) throw new Error(`signing in answered ${response.status()}: ${await response.text()}`)
  return { context, openContext, stop: () => browser.close() }
}

/** The placeholder page reloads until the console is built. */
async function waitForConsole(context: BrowserContext, url: string): Promise<void> {
  const page = await context.newPage()
  await page.goto(url)
  await page.locator('#console > *').first().waitFor({ timeout: patienceMs })
  await page.close()
}
