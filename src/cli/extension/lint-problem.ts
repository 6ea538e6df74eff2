import { printable } from '../output/printable.ts'
import type { Sink } from '../output/sink.ts'

/**
 * A problem and its place; `file` is relative to the extension's folder, lines and columns count
 * from 1.
 */
export interface LintProblem {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly severity: 'error' | 'warning'
  /** What is wrong, and how to fix it. */
  readonly message: string
}

/** In the format of compilers and editors: `extension.yaml:12:3 what is wrong; what to do`. */
export function printLintProblem(sink: Sink, { file, line, column, severity, message }: LintProblem): void {
  const mark = severity === 'warning' ? sink.style('yellow', 'warning: ') : ''
  sink.line(`${sink.style('bold', `${file}:${line}:${column}`)} ${mark}${printable(message)}`)
}

export const hasErrors = (problems: readonly LintProblem[]) => problems.some(({ severity }) => severity === 'error')

/** Ordered by file and line; identical problems of two checks are merged. */
export function sortProblems(problems: readonly LintProblem[]): LintProblem[] {
  const unique = new Map(problems.map((problem) => [JSON.stringify(problem), problem]))
  return [...unique.values()].sort(
    (a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column || compare(a.message, b.message),
  )
}

const manifestFirst = (file: string) => (file === 'extension.yaml' ? '' : file)
const compare = (a: string, b: string) => (manifestFirst(a) < manifestFirst(b) ? -1 : a === b ? 0 : 1)
