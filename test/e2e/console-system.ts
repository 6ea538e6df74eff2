import axe from 'axe-core'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { expect, vi } from 'vitest'
import { adminPassword, type CliSystem, startCliSystem } from '../integration/cli/cli-system.ts'
import { type Bridge, openBridge } from './bridge.ts'
import { findBrowser } from './find-browser.ts'

export interface OpenOptions extends Pick<BrowserContextOptions, 'colorScheme' | 'viewport'> {
  readonly language?: 'en' | 'zh-CN'
  /** False: without a session. */
  readonly signedIn?: boolean
  /** Opens another tab in the browser context of this page. */
  readonly beside?: Page | undefined
  /** Simulates browsers without shared workers. */
  readonly withoutSharedWorker?: boolean
}

/**
 * A complete system with its console in a real browser. `stop` fails the test if any opened page
 * reported an error.
 */
export interface ConsoleSystem {
  readonly system: CliSystem
  /** The browser's path to the server. */
  readonly bridge: Bridge
  open(path: string, options?: OpenOptions): Promise<Page>
  /** Serious and critical axe violations of a page; expected to be empty. */
  findBarriers(page: Page): Promise<string[]>
  stop(): Promise<void>
}

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** @param settings environment variables of the server */
export async function startConsoleSystem(settings: Readonly<Record<string, string>> = {}): Promise<ConsoleSystem> {
  const executablePath = await findBrowser()
  const [system, browser] = await Promise.all([
    startCliSystem(settings),
    chromium.launch({ executablePath, headless: true, args: flags }),
  ])
  await waitForConsole(system.server)
  const bridge = await openBridge(system.server)
  const errors: string[] = []
  const contexts: BrowserContext[] = []

  return {
    system,
    bridge,
    async open(path, { language = 'en', signedIn = true, beside, withoutSharedWorker, ...options } = {}) {
      const context = beside?.context() ?? (await openContext(browser, bridge.url, { locale: language, ...options }))
      if (!beside) contexts.push(context)
      if (withoutSharedWorker) await context.addInitScript(() => Reflect.deleteProperty(globalThis, 'SharedWorker'))
      if (signedIn && !beside) await signInByApi(context, bridge.url)
      const page = await context.newPage()
      watch(page, errors)
      await page.goto(path)
      return page
    },
    async findBarriers(page) {
      // Uses the debugger connection, which the Content-Security-Policy does not restrict.
      await page.evaluate(axe.source)
      return page.evaluate(async () => {
        const { axe: runner } = globalThis as unknown as { axe: { run(): Promise<AxeResult> } }
        const { violations } = await runner.run()
        return violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)
      })
    },
    async stop() {
      for (const context of contexts) await context.close()
      await browser.close()
      await bridge.cut()
      await system.stop()
      expect(errors, 'what the browser complained about').toEqual([])
    },
  }
}

interface AxeResult {
  readonly violations: readonly { id: string; impact: string; nodes: readonly { html: string }[] }[]
}

/** The first start with new sources builds the console. */
const waitForConsole = (server: string) =>
  vi.waitFor(
    async () => {
      const response = await fetch(server, { headers: { accept: 'text/html' } })
      const page = await response.text()
      if (!response.ok) throw new Error(`there is no console: ${page}`)
    },
    { timeout: 100_000, interval: 200 },
  )

const openContext = (browser: Browser, baseURL: string, options: BrowserContextOptions) =>
  browser.newContext({ baseURL, viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce', ...options })

async function signInByApi(context: BrowserContext, server: string): Promise<void> {
  const response = await context.request.post('/api/v1/session', {
    data: { userName: 'admin', password: adminPassword },
    headers: { 'x-chandler-console': '1', origin: server },
  })
  if (!response.ok()) throw new Error(`signing in answered ${response.status()}: ${await response.text()}`)
}

/**
 * Script errors and Content-Security-Policy violations. Error responses of the server are part of
 * the tests.
 */
function watch(page: Page, errors: string[]): void {
  page.on('pageerror', (error) => errors.push(`${page.url()}: ${error.stack ?? error.message}`))
  page.on('console', (message) => {
    const isRefusal = /Failed to load resource|net::ERR/.test(message.text())
    if (message.type() === 'error' && !isRefusal) errors.push(`${page.url()}: ${message.text()}`)
  })
}
