import type { BrowserContext } from 'playwright-core'
import { budget, median, round } from '../figures.ts'
import type { System } from '../system.ts'
import { openConsoleBrowser } from './console-browser.ts'

const loads = 9
const patienceMs = 60_000
const budgetMs = 1_500

/**
 * Opens the console in a browser with an empty cache, until the overview shows its numbers and the
 * page handles the next key.
 */
export async function measureConsoleLoad(system: System) {
  await system.addFleet({ count: 100 })
  const browser = await openConsoleBrowser(system)
  try {
    const cookies = await browser.context.cookies()
    const cold: number[] = []
    const warm: number[] = []
    for (let index = 0; index < loads; index++) {
      const context = await browser.openContext()
      await context.addCookies(cookies)
      cold.push(await load(context, system.url))
      warm.push(await load(context, system.url))
      await context.close()
    }
    const coldMs = round(median(cold), 0)
    return {
      bench: 'console-load',
      loads,
      coldMs,
      slowestColdMs: round(Math.max(...cold), 0),
      warmMs: round(median(warm), 0),
      ...budget(`cold ≤ ${budgetMs} ms`, coldMs <= budgetMs),
    }
  } finally {
    await browser.stop()
  }
}

/**
 * The page checks itself before each frame: a locator of the driver polls with growing delays,
 * which turned 800 ms into 1,190. Milliseconds since the start of the navigation, by the page's
 * clock; at most `patienceMs`.
 */
const seen = `new Promise((resolve) => {
  const look = () => {
    const isThere = document.querySelector('main')?.textContent.includes('100 instances') || performance.now() > ${patienceMs}
    if (isThere) setTimeout(() => resolve(performance.now()))
    else requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
})`

async function load(context: BrowserContext, url: string): Promise<number> {
  const page = await context.newPage()
  await page.goto(url, { waitUntil: 'commit' })
  const ms = await page.evaluate<number>(seen)
  if (ms > patienceMs) throw new Error(`the overview did not show 100 instances within ${patienceMs} ms`)
  await page.close()
  return ms
}
