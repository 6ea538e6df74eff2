import { accessSync, constants, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Interpreter } from './platform.ts'

/** The kernel reads this much of the first line. */
const maxFirstLine = 255

/**
 * Interprets the `#!` line as the kernel would: a missing interpreter is reported before anything
 * starts, the script needs no execute permission (it works on a noexec file system), and exec never
 * fails with "text file busy" while another process is being started. /bin/sh runs a script without
 * `#!`, as in shells.
 */
export function findLinuxInterpreter(script: string, scriptPath: string, searchPath: string): Interpreter {
  const first = script.slice(0, maxFirstLine).split('\n', 1)[0] ?? ''
  if (!first.startsWith('#!')) return { argv: ['/bin/sh', scriptPath] }
  const [, program = '', argument = ''] = /^#![ \t]*([^ \t]*)[ \t]*(.*?)[ \t]*$/s.exec(first) ?? []
  const missing = findMissing(program, argument, searchPath)
  if (missing !== undefined) return { missing }
  return { argv: [program, ...(argument === '' ? [] : [argument]), scriptPath] }
}

function findMissing(program: string, argument: string, searchPath: string): string | undefined {
  if (program.endsWith('\r') || argument.endsWith('\r'))
    return `${JSON.stringify((argument || program).slice(0, -1))}, because the script has Windows line ends; save it with Unix ones`
  if (program === '') return 'the interpreter, because nothing follows "#!" in its first line'
  if (!isProgram(program)) return `the interpreter ${program}`
  if (basename(program) !== 'env') return undefined
  const name = argument.split(/[ \t]+/).find((word) => word !== '' && !word.startsWith('-') && !word.includes('='))
  if (name === undefined) return undefined
  const found = name.includes('/')
    ? isProgram(name)
    : searchPath.split(':').some((folder) => isProgram(join(folder || '.', name)))
  return found ? undefined : `the interpreter ${name}, which is not in the search path`
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
