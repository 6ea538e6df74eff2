import { type BrowserContext, chromium } from 'playwright-core'
import { findBrowser } from '../e2e/find-browser.ts'
import type { System } from './system.ts'

const patienceMs = 120_000
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking']

export interface ConsoleBrowser {
  readonly context: BrowserContext
  stop(): Promise<void>
}

/** A browser that is signed in to the console, which the first start of new sources builds. */
export async function openConsoleBrowser({ url, password }: System): Promise<ConsoleBrowser> {
  await waitForConsole(url)
  const browser = await chromium.launch({ executablePath: await findBrowser(), headless: true, args: flags })
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
  const response = await context.request.post(`${url}/api/v1/session`, {
    data: { userName: 'admin', password },
    headers: { 'x-chandler-console': '1', origin: url },
  })
  if (!response.ok()) throw new Error(`signing in answered ${response.status()}: ${await response.text()}`)
  return { context, stop: () => browser.close() }
}

async function waitForConsole(url: string): Promise<void> {
  const until = performance.now() + patienceMs
  for (;;) {
    const response = await fetch(url, { headers: { accept: 'text/html' } })
    const page = await response.text()
    if (response.ok) return
    if (performance.now() > until) throw new Error(`there is no console: ${page}`)
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}
