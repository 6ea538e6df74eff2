import { findWindowsInterpreter, type WindowsInterpreter } from '../../../core/template/script-dialect.ts'
import type { ScriptEnding } from '../platform.ts'
import { quoteArgument, renderCmdArguments } from './command-line.ts'

/**
 * The file of a script. Windows PowerShell takes a file without a byte order mark for the system's
 * code page; cmd runs a mark as a command, and loses labels in files with Unix line ends.
 */
export function encodeWindowsScript(text: string): { readonly ending: ScriptEnding; readonly content: string } {
  const plain = text.replace(/^\uFEFF/, '')
  if (findWindowsInterpreter(text) !== 'cmd') return { ending: '.ps1', content: `\uFEFF${plain}` }
  const content = plain.replace(/^#!/, '@rem ').replace(/\r?\n/g, '\r\n')
  return { ending: '.cmd', content: content.endsWith('\n') ? content : `${content}\r\n` }
}

/** Characters with a meaning in a command of cmd, even between quotation marks. */
const unsafe = /[%^!&"]/

/** How a script is started. */
export type WindowsStart =
  /** The program and the rest of its command line. */
  { readonly program: WindowsInterpreter; readonly commandLine: string } | { readonly missing: string }

/**
 * @param path of the script's file
 * @param cmd path of cmd.exe
 * @param find the path of an interpreter; undefined if it is not there
 */
export function startWindowsScript(
  text: string,
  path: string,
  cmd: string,
  find: (name: 'powershell.exe' | 'pwsh.exe') => string | undefined,
): WindowsStart {
  const interpreter = findWindowsInterpreter(text)
  if (typeof interpreter === 'object')
    return { missing: `the interpreter ${interpreter.other}: Windows runs scripts of cmd, powershell and pwsh` }
  if (unsafe.test(path)) return { missing: `a state directory without the characters % ^ ! & in its path, ${path}` }
  const start = (command: string) => ({
    program: interpreter,
    commandLine: `${quoteArgument(cmd)} ${renderCmdArguments(command)}`,
  })
  if (interpreter === 'cmd') return start(`call "${path}"`)
  const name = interpreter === 'pwsh' ? 'pwsh.exe' : 'powershell.exe'
  const found = find(name)
  if (found === undefined)
    return { missing: interpreter === 'pwsh' ? 'PowerShell 7 (pwsh.exe)' : 'Windows PowerShell (powershell.exe)' }
  return start(`"${found}" -NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "${path}"`)
}
