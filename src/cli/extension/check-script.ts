import type { OsFamily } from '../../core/facts.ts'
import { maxScriptBytes } from '../../core/limits.ts'
import type { LintProblem } from './lint-problem.ts'

/**
 * What is wrong with a script, line by line, before an instance finds out.
 * @param bytes all of it, or its beginning if `sizeBytes` is over the limit
 */
export function checkScript(file: string, bytes: Uint8Array, sizeBytes: number, os: OsFamily): LintProblem[] {
  const at = (line: number, column: number, severity: LintProblem['severity'], message: string): LintProblem => ({
    file,
    line,
    column,
    severity,
    message,
  })
  if (sizeBytes > maxScriptBytes) {
    const message = `the script has ${sizeBytes} bytes; ${maxScriptBytes} are allowed: put the rest into the artifact`
    return [at(1, 1, 'error', message)]
  }
  const text = decode(bytes)
  if (typeof text !== 'string') {
    return [at(text.line, text.column, 'error', 'the script is not UTF-8 text here; save it as UTF-8')]
  }
  if (text.trim() === '')
    return [at(1, 1, 'error', 'the script is empty; write what it does, or leave it out of extension.yaml')]

  const lines = text.split('\n')
  const problems: LintProblem[] = []
  const zero = lines.findIndex((line) => line.includes('\0'))
  if (zero >= 0) {
    const column = (lines[zero]?.indexOf('\0') ?? 0) + 1
    problems.push(at(zero + 1, column, 'error', 'the script holds a zero byte; it is not a text file'))
  }
  if (os === 'windows') return problems

  if (text.startsWith('\uFEFF')) {
    problems.push(
      at(1, 1, 'error', 'the script begins with a byte order mark, before which Linux sees no #!; save it without'),
    )
  } else if (!text.startsWith('#!')) {
    problems.push(
      at(1, 1, 'warning', 'the script names no interpreter, so /bin/sh runs it; write #! and its path first'),
    )
  } else if (!/^#!\s*\/\S/.test(text)) {
    problems.push(at(1, 1, 'error', 'the interpreter has no absolute path; write #!/bin/sh or #!/usr/bin/env NAME'))
  }
  const carriage = lines.findIndex((line) => line.endsWith('\r'))
  if (carriage >= 0) {
    const message =
      'lines end as on Windows (CRLF), which Linux shells take for a part of each command; save it with LF'
    problems.push(at(carriage + 1, lines[carriage]?.length ?? 1, 'error', message))
  }
  lines.forEach((line, index) => {
    const nohup = /^(?:[^#'"]*\s)?(\$nohup)\b/.exec(line)
    if (nohup) {
      const column = line.indexOf('$nohup') + 1
      problems.push(at(index + 1, column, 'warning', '$nohup is a variable, most likely an empty one; write nohup'))
    }
  })
  return problems
}

/** The text, or where it stops being UTF-8. */
function decode(bytes: Uint8Array): string | { line: number; column: number } {
  const read = (part: Uint8Array) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(part)
  try {
    return read(bytes)
  } catch {
    let line = 1
    for (let start = 0; start < bytes.length; line++) {
      const newline = bytes.indexOf(0x0a, start)
      const end = newline < 0 ? bytes.length : newline + 1
      try {
        read(bytes.subarray(start, end))
      } catch {
        const bad = bytes.subarray(start, end).findIndex((byte) => byte >= 0x80)
        return { line, column: bad + 1 }
      }
      start = end
    }
    return { line: 1, column: 1 }
  }
}
