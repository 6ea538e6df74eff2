import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { expect, onTestFinished, vi } from 'vitest'
import { adminPassword, type CliSystem, startCliSystem } from '../integration/cli/cli-system.ts'
import { type Bridge, openBridge } from './bridge.ts'
import { findBrowser } from './find-browser.ts'
import { createPagePool } from './page-pool.ts'

export interface OpenOptions extends Pick<BrowserContextOptions, 'colorScheme' | 'viewport'> {
  readonly language?: 'en' | 'zh-CN'
  /** False: without a session. */
  readonly signedIn?: boolean
  /** Opens another tab in the browser context of this page. */
  readonly beside?: Page | undefined
  /** The test can move the time of the page; see Playwright's `page.clock`. */
  readonly hasOwnClock?: boolean
  /** Simulates browsers without shared workers. */
  readonly withoutSharedWorker?: boolean
  /**
   * Not a page that an earlier test had, and no later test gets it: for a test that changes what signing out does not
   * undo, such as the size of the window.
   */
  readonly ownPage?: boolean
}

/**
 * A complete system with its console in a real browser. A page belongs to its test; later tests get the same page after the
 * console in it has started again with nothing remembered (see PagePool). `stop` fails the test if any opened page reported
 * an error.
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

const require = createRequire(import.meta.url)
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')
/** One component draws all rows of a table: examining fifty takes seconds and finds what twelve show. */
const repeatedRows = 'tbody > tr:nth-child(n + 13)'

/** Parts of the browser's own window. Each one is a page, as costly as a page of the console. */
const windowParts = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'SpareRendererForSitePerProcess']
/** Only the last list counts for Chromium: Playwright's own, as far as it matters here. */
const disabledFeatures = [
  ...windowParts,
  'AimEnabled',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
  'PreconnectToSearch',
  'ThirdPartyStoragePartitioning',
  'Translate',
]
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  `--disable-features=${disabledFeatures.join()}`,
]

/** One browser for all files of this process; it ends with the process. */
let browser: Promise<Browser> | undefined
const openBrowser = () =>
  (browser ??= findBrowser().then((executablePath) => chromium.launch({ executablePath, headless: true, args: flags })))

/** @param settings environment variables of the server */
export async function startConsoleSystem(settings: Readonly<Record<string, string>> = {}): Promise<ConsoleSystem> {
  const [system, running] = await Promise.all([startCliSystem(settings), openBrowser()])
  await waitForConsole(system.server)
  const bridge = await openBridge(system.server)
  const errors: string[] = []
  const pool = createPagePool()

  return {
    system,
    bridge,
    async open(path, { ownPage, ...asked } = {}) {
      const { language = 'en', signedIn = true, beside, withoutSharedWorker, hasOwnClock, ...options } = asked
      const isPooled = signedIn && !ownPage && !beside && !withoutSharedWorker && !hasOwnClock
      const kind = JSON.stringify([language, options])
      const kept = isPooled ? await pool.take(kind, path) : undefined
      if (kept) return kept
      const context = beside?.context() ?? (await openContext(running, bridge.url, { locale: language, ...options }))
      if (withoutSharedWorker) await context.addInitScript(() => Reflect.deleteProperty(globalThis, 'SharedWorker'))
      if (signedIn && !beside) await signInByApi(context, bridge.url)
      const page = await context.newPage()
      if (hasOwnClock) await page.clock.install()
      watch(page, errors)
      // A page that stays open shows every later change, which costs as much as the test itself.
      if (isPooled) onTestFinished(() => pool.put(kind, page))
      else if (!beside) onTestFinished(() => context.close())
      await page.goto(path)
      return page
    },
    async findBarriers(page) {
      // Uses the debugger connection, which the Content-Security-Policy does not restrict.
      if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(axeSource)
      return page.evaluate(async (repeated) => {
        const { axe } = globalThis as unknown as { axe: Axe }
        const options = { resultTypes: ['violations'], preload: false } as const
        const { violations } = await axe.run({ exclude: repeated }, options)
        return violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)
      }, repeatedRows)
    },
    async stop() {
      await pool.close()
      await bridge.cut()
      await system.stop()
      expect(errors, 'what the browser complained about').toEqual([])
    },
  }
}

interface Axe {
  run(context: { exclude: string }, options: object): Promise<AxeResult>
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

async function openContext(browser: Browser, baseURL: string, options: BrowserContextOptions): Promise<BrowserContext> {
  const viewport = { width: 1280, height: 900 }
  const context = await browser.newContext({ baseURL, viewport, reducedMotion: 'reduce', ...options })
  context.setDefaultTimeout(110_000)
  return context
}

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
