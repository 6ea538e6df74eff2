import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { ownProgramFolder } from '../executable.ts'

/** The program of packaging/windows/chandler-host.c, beside the Node.js of this agent. */
export const windowsHost: string = join(ownProgramFolder, 'bin', 'chandler-host.exe')

/** What a command of the host prints; undefined if it exits with another code than 0. Throws if it does not run. */
export function askWindowsHost(...args: readonly string[]): string | undefined {
  try {
    return execFileSync(windowsHost, args, {
      encoding: 'utf8',
      windowsHide: true,
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 16 * 1024 * 1024,
    })
  } catch (error) {
    if (typeof (error as { status?: unknown }).status === 'number') return undefined
    throw error
  }
}

/** Lines such as `boot=1dd8109aa13ea34`. */
export function parseHostMachine(text: string): ReadonlyMap<string, string> {
  const pairs = text.split(/\r?\n/).flatMap((line) => {
    const [, name, value] = /^([a-z]+)=(.*)$/.exec(line) ?? []
    return name === undefined || value === undefined ? [] : [[name, value] as const]
  })
  return new Map(pairs)
}

let machine: ReadonlyMap<string, string> | undefined

/** Does not change while this process runs. */
export const readHostMachine = (): ReadonlyMap<string, string> =>
  (machine ??= parseHostMachine(askWindowsHost('machine') ?? ''))

/**
 * An exit code as `%ERRORLEVEL%` and `$LASTEXITCODE` show it: signed. Windows has 32 bits without a sign; crashes are above
 * 2^31 (0xC0000005), which no server stores.
 */
export const readExitCode = (code: number): number => code | 0

/** Lines of a number and a text. */
export const parseHostList = (text: string): { readonly pid: number; readonly text: string }[] =>
  text.split(/\r?\n/).flatMap((line) => {
    const [, pid, rest] = /^(\d+) (.+)$/.exec(line) ?? []
    return pid === undefined || rest === undefined ? [] : [{ pid: Number(pid), text: rest }]
  })
