import { diffLines } from 'diff'
import type { VersionView } from '../../../../src/protocol/api/extensions.ts'

export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed'
  readonly text: string
}

/** A part of a version that is compared separately. */
export interface DiffSection {
  /** `declaration`, or a configuration and one of its scripts. */
  readonly title: { readonly configuration?: string; readonly script?: string }
  readonly lines: readonly DiffLine[]
}

/**
 * Differences between two versions: the declaration as text, and each script. Omits equal sections.
 */
export function compareVersions(older: VersionView, newer: VersionView): DiffSection[] {
  const [before, after] = [sectionsOf(older), sectionsOf(newer)]
  const keys = [...new Set([...before.keys(), ...after.keys()])]
  return keys.flatMap((key) => {
    const [one, other] = [before.get(key), after.get(key)]
    const lines = linesOf(one?.text ?? '', other?.text ?? '')
    const title = (other ?? one)?.title ?? {}
    return lines.some(({ kind }) => kind !== 'same') ? [{ title, lines }] : []
  })
}

interface Section extends Pick<DiffSection, 'title'> {
  readonly text: string
}

function sectionsOf({ versionDescription, scope, parameters, configurations }: VersionView): Map<string, Section> {
  const sections = new Map<string, Section>()
  const declared = configurations.map(({ scripts: _, ...rest }) => rest)
  const declaration = { versionDescription, scope, parameters, configurations: declared }
  sections.set('', { title: {}, text: `${JSON.stringify(declaration, null, 2)}\n` })
  for (const { id, os, arch, scripts, verify } of configurations) {
    const configuration = `${os} ${arch} (${id})`
    for (const [script, text] of Object.entries(scripts))
      if (text !== undefined) sections.set(`${id} ${script}`, { title: { configuration, script }, text })
    verify.forEach((check, index) => {
      if (check.kind === 'script')
        sections.set(`${id} verify ${index}`, {
          title: { configuration, script: `verify ${index + 1}` },
          text: check.script,
        })
    })
  }
  return sections
}

const linesOf = (before: string, after: string): DiffLine[] =>
  diffLines(before, after).flatMap(({ added, removed, value }) =>
    value
      .replace(/\n$/, '')
      .split('\n')
      .map((text) => ({ kind: added ? ('added' as const) : removed ? ('removed' as const) : ('same' as const), text })),
  )
