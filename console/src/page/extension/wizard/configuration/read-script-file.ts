import type { OsFamily } from '../../../../../../src/core/instance/facts.ts'
import { maxScriptBytes } from '../../../../../../src/core/limits.ts'
import { findWindowsLanguage, nameWindowsInterpreter } from '../../../../../../src/core/template/script-dialect.ts'

/** The text of a script for the editor, or why the file is none. */
export type OpenedScript = { readonly text: string } | { readonly problem: 'tooLarge' | 'notText' }

/**
 * Reads a script file as the command line does: for Windows, the ending of its name decides the language, and
 * the text gets a first line (`#!cmd`) where it would be taken for the other one.
 */
export function readScriptFile(name: string, bytes: Uint8Array, os: OsFamily): OpenedScript {
  if (bytes.length > maxScriptBytes) return { problem: 'tooLarge' }
  let text: string
  try {
    // It removes a byte order mark of UTF-8.
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return { problem: 'notText' }
  }
  if (text.includes('\0')) return { problem: 'notText' }
  const language = os === 'windows' ? findWindowsLanguage(name) : undefined
  return { text: language ? nameWindowsInterpreter(text, language).text : text }
}
