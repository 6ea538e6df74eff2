import type { Page } from 'playwright-core'
import { createDemo } from '../demo-extension.ts'
import { budget, round } from '../figures.ts'
import { insertInstances } from '../history.ts'
import type { System } from '../system.ts'
import { type ConsoleBrowser, openConsoleBrowser } from './console-browser.ts'
import { type Frames, measureFrames, type Scrolled } from './frame-times.ts'
import { type Recording, recordExecution, replayExecution } from './replay-execution.ts'

const connected = 12_000
const away = 88_000
const scriptMs = 1_000
/** Concurrency, a second each: about 500 ends per second. */
const concurrency = 550
const measuredMs = 20_000
const blankMs = 3_000
const list = '.task-grid'
/**
 * Seven screens per second, like a fast mouse wheel; and faster than readable, like a dragged
 * scroll bar.
 */
const [fast, wild] = [6_000, 18_000].map((pxPerSecond): Scrolled => ({ selector: list, pxPerSecond })) as [
  Scrolled,
  Scrolled,
]

/**
 * The page of an execution with 100,000 tasks while about 500 of them end every second (two changes
 * each: start and end). First on a live system, with server, PostgreSQL and agents on the same
 * cores, after an empty page and a plain list in the same browser, which show the losses of the
 * machine. Then the page alone, fed with the recorded stream.
 */
export async function* measureConsoleFrames(system: System) {
  await system.addFleet({ count: connected, connectRate: 1_000, durationMs: scriptMs })
  const database = await system.connectDatabase()
  await insertInstances(database, away, 'zzz-')
  await database.end()
  const browser = await openConsoleBrowser(system)
  try {
    const first = await startExecution(system)
    const page = await browser.context.newPage()
    yield figures('an empty page meanwhile', await measureFrames(page, blankMs))
    await page.setContent(plainList)
    yield figures('a plain list meanwhile, scrolling', await measureFrames(page, blankMs, fast))
    const [recording, still] = await Promise.all([
      recordExecution(system, first, measuredMs),
      measureDetails(page, `${system.url}/executions/${first}`),
    ])
    yield figures('everything on one machine', still, recording)
    await endExecution(system, first)
    const second = await startExecution(system)
    const scrolling = await measureDetails(page, `${system.url}/executions/${second}`, fast)
    yield figures('everything on one machine, scrolling', scrolling)
    await endExecution(system, second)
    await page.close()
    yield* measureAlone(system, browser, recording)
  } finally {
    await browser.stop()
  }
}

/** Only text in a scrolling box: the drawing speed of this machine. */
const plainList = `<div class="task-grid" style="height: 580px; overflow: auto; background: white">${Array.from(
  { length: 5_000 },
  (_, index) => `<div style="height: 36px">Success instance-${index} The simulated script succeeded</div>`,
).join('')}</div>`

async function startExecution({ client }: System): Promise<string> {
  const name = `frames-${Date.now()}`
  await createDemo(client, { name })
  const { id, taskCount } = await client.executions.start({
    action: 'install',
    extension: name,
    targets: { kind: 'all' },
    rateControl: { mode: 'Concurrency', concurrency },
    deliveryTimeoutMs: 60_000,
  })
  if (taskCount < connected + away) throw new Error(`${id} has ${taskCount} tasks, not ${connected + away}`)
  for await (const event of client.executions.follow(id))
    if (event.kind === 'execution' && (event.execution.counts.Success ?? 0) > 0) break
  return id
}

async function endExecution({ client }: System, id: string): Promise<void> {
  await client.executions.cancel(id)
  for await (const event of client.executions.follow(id, { after: 2 ** 40 })) void event
}

async function measureDetails(page: Page, address: string, scrolled?: Scrolled): Promise<Frames> {
  await page.goto(address)
  await page.locator(`${list} [data-place]`).first().waitFor()
  return await measureFrames(page, measuredMs, scrolled)
}

/** Each from the start of the recording: the page ignores changes that it already has. */
async function* measureAlone(system: System, browser: ConsoleBrowser, recording: Recording) {
  const ways = [
    ['alone', false, undefined],
    ['alone, scrolling', false, fast],
    ['alone, all 100,000 loaded', true, undefined],
    ['alone, all 100,000 loaded, scrolling', true, fast],
    ['alone, all 100,000 loaded, scrolling three times as fast', true, wild],
  ] as const
  for (const [name, isLoaded, scrolled] of ways) {
    const replay = await replayExecution(system, recording)
    const page = await browser.context.newPage()
    await page.goto(`${replay.url}/executions/${recording.execution.id}`)
    await page.locator(`${list} [data-place]`).first().waitFor()
    if (isLoaded) await loadAll(page, recording.execution.taskCount)
    replay.start()
    yield figures(name, await measureFrames(page, recording.seconds * 1000, scrolled), recording)
    await page.close()
    await replay.stop()
  }
}

/** Scrolls to the end again and again, like a user who wants the last task. */
async function loadAll(page: Page, count: number): Promise<void> {
  await page.locator(list).evaluate(
    (element, last) =>
      new Promise<void>((resolve) => {
        const grid = element as unknown as {
          scrollTop: number
          scrollHeight: number
          querySelector(selector: string): unknown
        }
        const timer = setInterval(() => {
          grid.scrollTop = grid.scrollHeight
          if (!grid.querySelector(`[data-place="${last}"]`)) return
          clearInterval(timer)
          grid.scrollTop = 0
          resolve()
        }, 50)
      }),
    count - 1,
  )
}

function figures(page: string, frames: Frames, recording?: Recording) {
  return {
    bench: 'console-frames',
    page,
    ...(recording ? { updatesPerSecond: Math.round(recording.updates / recording.seconds) } : {}),
    ...frames,
    ...budget('100,000 tasks, 500 updates a second: 60 frames a second', round(frames.framesPerSecond, 0) >= 60),
  }
}
