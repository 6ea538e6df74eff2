import type { OsFamily } from '../instance/facts.ts'
import { findUnknownNames, renderScript, type ScriptNote } from '../template/render-script.ts'
import { findStoreReference, storeReferenceFault } from '../template/store-reference.ts'
import type { ParameterType } from './extension.ts'

/** One problem in a script; lines and columns count from 1. */
export interface ScriptProblem {
  readonly line: number
  readonly column: number
  readonly severity: 'error' | 'warning'
  /** The problem and how to correct it. */
  readonly message: string
}

/** Finds problems in the text of a script before an instance runs it. */
export function checkScriptText(text: string, os: OsFamily): ScriptProblem[] {
  const at = (line: number, column: number, severity: ScriptProblem['severity'], message: string): ScriptProblem => ({
    line,
    column,
    severity,
    message,
  })
  if (text.trim() === '') return [at(1, 1, 'error', 'the script is empty; add commands or remove it')]

  const lines = text.split('\n')
  const problems: ScriptProblem[] = []
  const zero = lines.findIndex((line) => line.includes('\0'))
  if (zero >= 0) {
    const column = (lines[zero]?.indexOf('\0') ?? 0) + 1
    problems.push(at(zero + 1, column, 'error', 'the script holds a zero byte; it is not a text file'))
  }
  const stored = findStoreReference(text)
  if (stored) {
    const before = text.slice(0, stored.start).split('\n')
    const column = (before.at(-1) ?? '').length + 1
    problems.push(at(before.length, column, 'error', `${clip(stored.text)} ${storeReferenceFault}`))
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

const maxShownReference = 80
const clip = (text: string) => (text.length > maxShownReference ? `${text.slice(0, maxShownReference)}…` : text)

/** Finds refused placeholders in a script, and undeclared names. */
export function checkScriptTemplate(
  text: string,
  os: OsFamily,
  parameterTypes: Readonly<Record<string, ParameterType>>,
): ScriptProblem[] {
  const at = (severity: ScriptProblem['severity']) => (note: ScriptNote) => ({ severity, ...note })
  const rendered = renderScript(text, os, parameterTypes)
  return [
    ...('problem' in rendered ? [at('error')(rendered.problem)] : []),
    ...findUnknownNames(text, parameterTypes).map(at('warning')),
  ]
}
