import type { ParameterType } from '../../core/extension.ts'
import type { OsFamily } from '../../core/facts.ts'
import { findUnknownNames, renderScript, type ScriptNote } from '../../core/script-template/render-script.ts'
import type { LintProblem } from './lint-problem.ts'

/** What is wrong with the placeholders of a script, and what is odd about them. */
export function checkTemplate(
  file: string,
  text: string,
  os: OsFamily,
  parameterTypes: Readonly<Record<string, ParameterType>>,
): LintProblem[] {
  const at = (severity: LintProblem['severity']) => (note: ScriptNote) => ({ file, severity, ...note })
  const rendered = renderScript(text, os, parameterTypes)
  return [
    ...('problem' in rendered ? [at('error')(rendered.problem)] : rendered.warnings.map(at('warning'))),
    ...findUnknownNames(text, parameterTypes).map(at('warning')),
  ]
}
