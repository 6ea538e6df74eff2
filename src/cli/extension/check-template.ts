import { checkScriptTemplate } from '../../core/extension/check-script-text.ts'
import type { ParameterType } from '../../core/extension/extension.ts'
import type { OsFamily } from '../../core/instance/facts.ts'
import type { LintProblem } from './lint-problem.ts'

/** Errors and warnings about the placeholders of a script. */
export const checkTemplate = (
  file: string,
  text: string,
  os: OsFamily,
  parameterTypes: Readonly<Record<string, ParameterType>>,
): LintProblem[] => checkScriptTemplate(text, os, parameterTypes).map((problem) => ({ file, ...problem }))
