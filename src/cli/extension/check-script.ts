import { checkScriptText } from '../../core/extension/check-script-text.ts'
import type { OsFamily } from '../../core/instance/facts.ts'
import { maxScriptBytes } from '../../core/limits.ts'
import type { LintProblem } from './lint-problem.ts'

/**
 * Checks a script line by line.
 * @param bytes the whole script, or its beginning if `sizeBytes` exceeds the limit
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
    const message = `the script has ${sizeBytes} bytes; the limit is ${maxScriptBytes}; move the rest into the artifact`
    return [at(1, 1, 'error', message)]
  }
  const text = decode(bytes)
  if (typeof text !== 'string') {
    return [at(text.line, text.column, 'error', 'the script is not valid UTF-8; save it as UTF-8')]
  }
  return checkScriptText(text, os).map((problem) => ({ file, ...problem }))
}

/** The text, or the offset of the first byte that is not UTF-8. */
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
