import type { OsFamily } from '../instance/facts.ts'
import { maxScriptBytes } from '../limits.ts'
import { checkScriptTemplate, checkScriptText } from './check-script-text.ts'
import { type ParameterType, scriptKinds } from './extension.ts'
import { validateExtensionName } from './name.ts'
import { type VersionDraft, validateVersion } from './validate-version.ts'

/**
 * One problem in a draft of a version; `path` such as `['configurations', 0, 'scripts',
 * 'install']`.
 */
export interface VersionLint {
  readonly path: readonly (string | number)[]
  readonly severity: 'error' | 'warning'
  readonly message: string
  /** In a script, from 1. */
  readonly line?: number
  readonly column?: number
}

/** An incomplete configuration: its scripts are checked even if the rest is not valid yet. */
export interface ScriptsDraft {
  readonly os: OsFamily
  readonly scripts: Readonly<Record<string, unknown>>
}

/**
 * Checks all scripts line by line, placeholders included.
 * @param drafts in their order; undefined for an entry that is not a configuration yet
 */
export function lintScripts(
  drafts: readonly (ScriptsDraft | undefined)[],
  parameterTypes: Readonly<Record<string, ParameterType>>,
): VersionLint[] {
  return drafts.flatMap((draft, index) =>
    scriptKinds.flatMap((kind) => {
      const text = draft?.scripts[kind]
      if (draft === undefined || typeof text !== 'string') return []
      const path = ['configurations', index, 'scripts', kind]
      return lintScript(text, draft.os, parameterTypes).map((problem) => ({ path, ...problem }))
    }),
  )
}

function lintScript(text: string, os: OsFamily, parameterTypes: Readonly<Record<string, ParameterType>>) {
  // The schema reports a script that is too long.
  if (text.length > maxScriptBytes) return []
  const problems = checkScriptText(text, os)
  const isText = problems.every(({ severity }) => severity === 'warning')
  return isText ? [...problems, ...checkScriptTemplate(text, os, parameterTypes)] : problems
}

/**
 * Checks of a name and of a version that no schema covers; excludes what `lintScripts` reports for
 * scripts.
 */
export function lintVersion(name: string | undefined, draft: VersionDraft): VersionLint[] {
  const problem = name === undefined ? undefined : validateExtensionName(name)
  return [
    ...(problem
      ? [{ path: ['name'], severity: 'error' as const, message: `the extension name ${problem.reason}` }]
      : []),
    ...validateVersion(draft)
      .filter(({ path }) => !(path[0] === 'configurations' && path[2] === 'scripts' && path.length > 3))
      .map(({ path, message }) => ({ path, severity: 'error' as const, message })),
  ]
}
