import { realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Set by scripts/release/compile-agent.ts; absent where Node.js runs the sources. */
declare const chandlerExecutableVersion: string | undefined

/** The version of the compiled agent; undefined where Node.js runs the sources. */
export const executableVersion: string | undefined =
  typeof chandlerExecutableVersion === 'string' ? chandlerExecutableVersion : undefined

/**
 * The folder of the running program, links followed: PREFIX/VERSION. An executable is in its `bin`;
 * one that brings its own C library is started by that library's loader, in `lib`.
 */
export const ownProgramFolder: string =
  executableVersion === undefined
    ? fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')
    : dirname(dirname(realpathSync(process.execPath)))

/** The program that starts this agent again, with the arguments before its own. */
export const ownCommand: readonly [string, ...string[]] =
  executableVersion === undefined
    ? [process.execPath, ...process.execArgv, ...process.argv.slice(1, 2)]
    : [join(ownProgramFolder, 'bin/chandler-agent')]
