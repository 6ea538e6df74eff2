import type { CDPSession, Page } from 'playwright-core'
import { at, round } from './figures.ts'

export interface Frames {
  readonly framesPerSecond: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
  readonly longestMs: number
  readonly over17: number
  readonly over34: number
  /** What the page's main thread did in a second: all of it, then its scripts, styles and layout. */
  readonly busyMsPerSecond: {
    readonly all: number
    readonly script: number
    readonly style: number
    readonly layout: number
  }
}

/** What is there of a browser in `evaluate`; the types of this project are those of Node.js. */
interface Browser {
  requestAnimationFrame(draw: (now: number) => void): number
  readonly performance: { now(): number }
  readonly document: { querySelector(selector: string): { scrollTop: number; readonly scrollHeight: number } | null }
}

/** Pixels a frame: 18,000 a second, as who drags the bar of a long list. */
const scrollStep = 300
/** A frame of a screen of 60 Hz is 16.7 ms; what the clock adds is not the page's. */
const lateMs = { frame: 17.5, twoFrames: 34 }

/**
 * Intervals between the frames that a page draws, and what its main thread needed for them. `scrolled`: the element that is scrolled meanwhile,
 * a step in each frame.
 */
export async function measureFrames(page: Page, durationMs: number, scrolled?: string): Promise<Frames> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Performance.enable')
  const before = await readBusy(devtools)
  const intervals = await page.evaluate(drawFrames, { durationMs, scrolled, scrollStep })
  const after = await readBusy(devtools)
  await devtools.detach()
  const seconds = intervals.reduce((sum, interval) => sum + interval, 0) / 1000
  const perSecond = (name: string) =>
    Math.round(
      (((after.get(name) ?? 0) - (before.get(name) ?? 0)) * 1000) /
        ((after.get('Timestamp') ?? 0) - (before.get('Timestamp') ?? 0)),
    )
  return {
    framesPerSecond: round(intervals.length / seconds, 1),
    p50Ms: round(at(intervals, 0.5), 1),
    p95Ms: round(at(intervals, 0.95), 1),
    p99Ms: round(at(intervals, 0.99), 1),
    longestMs: round(Math.max(...intervals), 1),
    over17: intervals.filter((interval) => interval > lateMs.frame).length,
    over34: intervals.filter((interval) => interval > lateMs.twoFrames).length,
    busyMsPerSecond: {
      all: perSecond('TaskDuration'),
      script: perSecond('ScriptDuration'),
      style: perSecond('RecalcStyleDuration'),
      layout: perSecond('LayoutDuration'),
    },
  }
}

async function readBusy(devtools: CDPSession): Promise<Map<string, number>> {
  const { metrics } = await devtools.send('Performance.getMetrics')
  return new Map(metrics.map(({ name, value }) => [name, value]))
}

/** Runs in the page. */
function drawFrames(options: {
  durationMs: number
  scrolled: string | undefined
  scrollStep: number
}): Promise<number[]> {
  const browser = globalThis as unknown as Browser
  const list = options.scrolled === undefined ? null : browser.document.querySelector(options.scrolled)
  return new Promise((resolve) => {
    const intervals: number[] = []
    const from = browser.performance.now()
    let last: number | undefined
    const draw = (now: number) => {
      if (last !== undefined) intervals.push(now - last)
      last = now
      if (list) list.scrollTop += options.scrollStep
      if (now - from < options.durationMs) browser.requestAnimationFrame(draw)
      else resolve(intervals)
    }
    browser.requestAnimationFrame(draw)
  })
}
