import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Logger } from '../../lib/logger.ts'
import { builtConsoles, listBuilds } from './built-consoles.ts'
import { findConsoleStamp } from './console-stamp.ts'
import { warningPrefix } from './describe-build-error.ts'

/** Whether the console can be served. */
export type ConsoleState =
  | { readonly kind: 'ready'; readonly directory: string }
  | { readonly kind: 'building' }
  /**
   * `reason` appears in the log and on the page: it concerns the installation, which the operator
   * who opens the console set up.
   */
  | { readonly kind: 'failed'; readonly reason: string }

/** The files of the built console. */
export interface ConsoleFiles {
  state(): ConsoleState
  /** Resolves when no build is running. */
  readonly settled: Promise<void>
  close(): Promise<void>
}

const buildProgram = fileURLToPath(new URL('build-main.ts', import.meta.url))

/**
 * Finds the built console, or starts a build if it is missing or older than its sources; the server
 * need not wait for the build.
 */
export async function openConsoleFiles(projectDirectory: string, log: Logger): Promise<ConsoleFiles> {
  const folder = builtConsoles(projectDirectory)
  const builds = await listBuilds(folder)
  const stamp = await findConsoleStamp(projectDirectory)
  const found =
    stamp === undefined
      ? builds.toSorted((a, b) => b.builtAt - a.builtAt)[0]
      : builds.find(({ name }) => name === stamp)
  if (found) return settledFiles({ kind: 'ready', directory: join(folder, found.name) })
  if (stamp === undefined) {
    const reason = `this installation has neither the sources of the console nor a built one in ${folder}`
    log.warn('the console is missing', { reason })
    return settledFiles({ kind: 'failed', reason })
  }
  return startBuilding(join(folder, stamp), stamp, log)
}

const settledFiles = (state: ConsoleState): ConsoleFiles => ({
  state: () => state,
  settled: Promise.resolve(),
  close: async () => undefined,
})

function startBuilding(directory: string, stamp: string, log: Logger): ConsoleFiles {
  log.info('building the console; this takes some seconds, once')
  let state: ConsoleState = { kind: 'building' }
  let isClosing = false
  const child = spawn(process.execPath, [buildProgram, stamp], { stdio: ['ignore', 'ignore', 'pipe'] })
  const settled = reasonOfFailure(child, log).then((reason) => {
    if (isClosing) return
    state = reason === undefined ? { kind: 'ready', directory } : { kind: 'failed', reason }
    if (reason === undefined) log.info('the console is built')
    else log.error('the console could not be built; everything else works', { reason })
  })
  return {
    state: () => state,
    settled,
    async close() {
      isClosing = true
      child.kill()
      await settled
    },
  }
}

/** The reason of a failed build; undefined if it succeeded. */
async function reasonOfFailure(child: ChildProcess, log: Logger): Promise<string | undefined> {
  try {
    const output = child.stderr ? text(child.stderr) : ''
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
    if (code !== 0) return explainFailure(await output, signal ?? `exit code ${code}`)
    for (const line of (await output).split('\n'))
      if (line.startsWith(warningPrefix)) log.warn(line.slice(warningPrefix.length))
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

function explainFailure(output: string, end: string): string {
  const [, missing] = /Cannot find (?:package|module) '([^']+)'/.exec(output) ?? []
  if (missing) return `${missing} is not installed. Run "npm ci" in the project, then start the server again.`
  const line =
    output.split('\n').find((candidate) => /\bError\b|error:/i.test(candidate)) ?? output.trim().split('\n')[0]
  return `${line?.trim() || 'its build ended'} (${end})`
}
