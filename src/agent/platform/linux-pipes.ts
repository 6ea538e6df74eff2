import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { pipeOf, pipeStreams } from './linux-output.ts'
import type { OsUser, Platform } from './platform.ts'

const run = promisify(execFile)

/**
 * The script's user may open them by name, and so may users that the script switches to: every
 * process that inherits a descriptor may write. Other processes cannot reach them by path, in a
 * directory of the agent's.
 */
const pipeMode = 0o622

/**
 * Number of pipes per `mkfifo`: Node.js cannot create one, and a process for each script would cost
 * as much as the script.
 */
const pipesAtOnce = 8 * pipeStreams.length

/** Unused pipes of one agent; an earlier agent process may have left some. */
interface Stock {
  readonly directory: string
  readonly names: string[]
  making: Promise<void> | undefined
}

/**
 * @returns a function that moves pipes into a script's directory, from a stock in `pipes` of the
 * state directory
 */
export function createLinuxPipes(): Platform['prepareSupervised'] {
  const stocks = new Map<string, Stock>()

  function openStock(stateDirectory: string): Stock {
    const directory = join(stateDirectory, 'pipes')
    const known = stocks.get(directory)
    if (known) return known
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const stock: Stock = { directory, names: readdirSync(directory), making: undefined }
    stocks.set(directory, stock)
    return stock
  }

  return async (directory, user, stateDirectory) => {
    const stock = openStock(stateDirectory)
    for (const stream of pipeStreams) await place(stock, pipeOf(directory, stream), user)
  }
}

async function place(stock: Stock, path: string, user: OsUser | undefined): Promise<void> {
  for (;;) {
    const name = stock.names.pop()
    if (name === undefined) {
      stock.making ??= make(stock).finally(() => (stock.making = undefined))
      await stock.making
    } else if (move(join(stock.directory, name), path)) {
      chmodSync(path, pipeMode)
      if (user) chownSync(path, user.uid, user.gid)
      return
    }
  }
}

/** False if it is missing: the stock was removed while the agent ran. */
function move(from: string, to: string): boolean {
  try {
    renameSync(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

async function make({ directory, names }: Stock): Promise<void> {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const made = Array.from({ length: pipesAtOnce }, () => randomBytes(8).toString('hex'))
  const paths = made.map((name) => join(directory, name))
  try {
    await run('mkfifo', ['--', ...paths], { env: { PATH: process.env['PATH'], LC_ALL: 'C' } })
  } catch (error) {
    for (const path of paths) rmSync(path, { force: true })
    const { stderr = '' } = error as { stderr?: string }
    if (!stderr.includes('No space left')) throw error
    throw Object.assign(new Error(stderr.split('\n', 1)[0]), { code: 'ENOSPC', path: directory })
  }
  names.push(...made)
}
