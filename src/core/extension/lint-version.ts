import type { OsFamily } from '../instance/facts.ts'
import { maxScriptBytes } from '../limits.ts'
import { checkScriptTemplate, checkScriptText } from './check-script-text.ts'
import { type ParameterType, scriptKinds } from './extension.ts'
import { validateExtensionName } from './name.ts'
import { type VersionDraft, validateVersion } from './validate-version.ts'

/** One mistake in a version that is being written; `path` such as `['configurations', 0, 'scripts', 'install']`. */
export interface VersionLint {
  readonly path: readonly (string | number)[]
  readonly severity: 'error' | 'warning'
  readonly message: string
  /** In a script, from 1. */
  readonly line?: number
  readonly column?: number
}

/** What is half written: a script is looked at also where the rest is not right yet. */
export interface ScriptsDraft {
  readonly os: OsFamily
  readonly scripts: Readonly<Record<string, unknown>>
}

/**
 * Everything in scripts, line by line, placeholders included.
 * @param drafts in their order; undefined for what is no configuration yet
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
  // The schema says it of one that is too long.
  if (text.length > maxScriptBytes) return []
  const problems = checkScriptText(text, os)
  const isText = problems.every(({ severity }) => severity === 'warning')
  return isText ? [...problems, ...checkScriptTemplate(text, os, parameterTypes)] : problems
}

/** What no schema sees of a name and of a version; what `lintScripts` says of a script is not said again. */
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
