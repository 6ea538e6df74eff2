// Reason: a name that is exported in two places means two things, and a search finds the wrong one.
// The same function has a different name in each layer: rows in store (`listBucketRows`), records
// in app, views in protocol.
import { matchesGlob } from 'node:path'
import { expect, test } from 'vitest'
import { listSourceFiles, readProjectFile } from './project-files.ts'
import { isNode, nameOf, parseSource } from './syntax-tree.ts'

/** Names that may be exported more than once, by the files that do it. */
const exceptions: readonly { readonly files: string; readonly reason: string }[] = [
  {
    files: 'console/src/i18n/zh-cn/**',
    reason: 'each language has the parts of the English catalogue, by their names',
  },
  { files: 'src/server/oos/operation/**', reason: 'an operation of the OOS API has the name that OOS gives it' },
]

/** Names that a file declares and exports, without re-exports. */
function findExportedNames(path: string, text: string): string[] {
  return (parseSource(path, text).root.body as unknown[]).flatMap((node) => {
    if (!isNode(node) || node.type !== 'ExportNamedDeclaration' || !isNode(node.declaration)) return []
    const { declaration } = node
    if (declaration.type !== 'VariableDeclaration') return nameOf(declaration.id) ?? []
    return (declaration.declarations as { id: unknown }[]).flatMap(({ id }) => nameOf(id) ?? [])
  })
}

function findSharedNames(files: readonly (readonly [path: string, text: string])[]): string[] {
  const owners = new Map<string, Set<string>>()
  for (const [path, text] of files)
    if (!exceptions.some((exception) => matchesGlob(path, exception.files)))
      for (const name of findExportedNames(path, text)) owners.set(name, (owners.get(name) ?? new Set()).add(path))
  return [...owners].filter(([, paths]) => paths.size > 1).map(([name, paths]) => `${name}: ${[...paths].join(', ')}`)
}

test('no name is exported by two files', () => {
  const files = listSourceFiles().map((path) => [path, readProjectFile(path)] as const)
  expect(findSharedNames(files), 'give each a name that says which it is').toEqual([])
})

test('finds planted names, not exceptions', () => {
  const planted = [
    ['src/core/plan/plan.ts', 'export interface Plan {}\nexport const a = 1, b = 2'],
    ['src/store/plan/plans.ts', `export type Plan = string\nexport { a } from '../x.ts'`],
    ['src/client/b.ts', 'export async function b() {}'],
    ['src/server/oos/operation/plan/plan.ts', 'export const a = 1'],
    ['console/src/i18n/zh-cn/plan.ts', 'export const b = 1'],
  ] as const
  expect(findSharedNames(planted)).toEqual([
    'Plan: src/core/plan/plan.ts, src/store/plan/plans.ts',
    'b: src/core/plan/plan.ts, src/client/b.ts',
  ])
})
