import type { CDPSession, Page } from 'playwright-core'
import { at, round } from '../figures.ts'

export interface Frames {
  readonly framesPerSecond: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
  readonly longestMs: number
  readonly over17: number
  readonly over34: number
  /**
   * Share of a core that the page's main thread used in a second: in total, then for scripts,
   * styles and layout.
   */
  readonly cpuMsPerSecond: {
    readonly all: number
    readonly script: number
    readonly style: number
    readonly layout: number
  }
}

/** The browser's globals in `evaluate`; the types of this project are those of Node.js. */
interface Browser {
  requestAnimationFrame(draw: (now: number) => void): number
  readonly performance: { now(): number }
}

export interface Scrolled {
  readonly selector: string
  readonly pxPerSecond: number
}

/** A frame at 60 Hz takes 16.7 ms; the remainder is jitter of the clock. */
const lateMs = { frame: 17.5, twoFrames: 34 }

/**
 * Intervals between the frames of a page, and the CPU time of its main thread; optionally scrolls
 * an element.
 */
export async function measureFrames(page: Page, durationMs: number, scrolled?: Scrolled): Promise<Frames> {
  const devtools = await page.context().newCDPSession(page)
  // CPU time, without waiting for a core.
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' })
  const before = await readTimes(devtools)
  const [intervals] = await Promise.all([
    page.evaluate(drawFrames, durationMs),
    scrolled && scroll(page, devtools, durationMs, scrolled),
  ])
  const after = await readTimes(devtools)
  await devtools.detach()
  const seconds = intervals.reduce((sum, interval) => sum + interval, 0) / 1000
  const perSecond = (name: string) => Math.round((((after.get(name) ?? 0) - (before.get(name) ?? 0)) * 1000) / seconds)
  return {
    framesPerSecond: round(intervals.length / seconds, 1),
    p50Ms: round(at(intervals, 0.5), 1),
    p95Ms: round(at(intervals, 0.95), 1),
    p99Ms: round(at(intervals, 0.99), 1),
    longestMs: round(Math.max(...intervals), 1),
    over17: intervals.filter((interval) => interval > lateMs.frame).length,
    over34: intervals.filter((interval) => interval > lateMs.twoFrames).length,
    cpuMsPerSecond: {
      all: perSecond('TaskDuration'),
      script: perSecond('ScriptDuration'),
      style: perSecond('RecalcStyleDuration'),
      layout: perSecond('LayoutDuration'),
    },
  }
}

async function readTimes(devtools: CDPSession): Promise<Map<string, number>> {
  const { metrics } = await devtools.send('Performance.getMetrics')
  return new Map(metrics.map(({ name, value }) => [name, value]))
}

/** In steps like those of a mouse wheel. */
async function scroll(
  page: Page,
  devtools: CDPSession,
  durationMs: number,
  { selector, pxPerSecond }: Scrolled,
): Promise<void> {
  const box = await page.locator(selector).boundingBox()
  if (!box) throw new Error(`there is no ${selector} to scroll`)
  await devtools.send('Input.synthesizeScrollGesture', {
    x: Math.round(box.x + box.width / 2),
    y: Math.round(box.y + 100),
    yDistance: Math.round((-pxPerSecond * durationMs) / 1000),
    speed: pxPerSecond,
    gestureSourceType: 'mouse',
  })
}

/** Runs in the page. */
function drawFrames(durationMs: number): Promise<number[]> {
  const browser = globalThis as unknown as Browser
  return new Promise((resolve) => {
    const intervals: number[] = []
    const from = browser.performance.now()
    let last: number | undefined
    const draw = (now: number) => {
      if (last !== undefined) intervals.push(now - last)
      last = now
      if (now - from < durationMs) browser.requestAnimationFrame(draw)
      else resolve(intervals)
    }
    browser.requestAnimationFrame(draw)
  })
}
