import { type ScriptKind, scriptKinds } from '../../../../src/core/extension/extension.ts'
import type { VersionView } from '../../../../src/protocol/api/extensions.ts'

export interface ListedScript {
  readonly id: string
  /** Undefined for the script of a check. */
  readonly kind: ScriptKind | undefined
  /** Number of the check, from 1. */
  readonly check: number
  readonly text: string
}

/** All scripts of a configuration: those of its actions, then those of its checks. */
export function listScripts({
  scripts,
  verify,
}: Pick<VersionView['configurations'][number], 'scripts' | 'verify'>): ListedScript[] {
  return [
    ...scriptKinds.flatMap((kind) => {
      const text = scripts[kind]
      return text ? [{ id: kind, kind, check: 0, text }] : []
    }),
    ...verify.flatMap((check, index) =>
      check.kind === 'script'
        ? [{ id: `check-${index + 1}`, kind: undefined, check: index + 1, text: check.script }]
        : [],
    ),
  ]
}
