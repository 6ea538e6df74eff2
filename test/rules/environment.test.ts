// Reason: a setting that is read where it is used cannot be listed, checked at start or passed by a
// test. Each program reads its environment in one file and passes on typed values; it reports an
// invalid one before it does anything.
import { matchesGlob } from 'node:path'
import { expect, test } from 'vitest'
import { isTest, listProjectFiles, listSourceFiles, readProjectFile } from './project-files.ts'
import { memberNameOf, nameOf, parseSource, placeOf, type SyntaxNode, walkTree } from './syntax-tree.ts'

/** The files that read the environment, with their reasons. */
const readers: Record<string, string> = {
  'src/server/boot/settings/config.ts': 'the settings of the server',
  'src/cli/settings.ts': 'the settings of the command line',
  'src/server/console/build-main.ts': 'sets NODE_ENV, which decides what is built',
  'src/agent/platform{.ts,/**}': 'what a script inherits from the agent (PATH, locale) is a matter of the platform',
}

/**
 * `const { stderr } = process` does not read the environment; `const { env }`, `const { ...rest }`
 * and `const all` do.
 */
const takesEnv = (pattern: SyntaxNode) =>
  pattern.type !== 'ObjectPattern' ||
  (pattern.properties as SyntaxNode[]).some(
    ({ type, key }) => type === 'RestElement' || ['env', undefined].includes(nameOf(key)),
  )

function findEnvironmentReads(path: string, text: string): string[] {
  const tree = parseSource(path, text)
  const reads: string[] = []
  walkTree(tree.root, (node, ancestors) => {
    const from = node.type === 'ImportDeclaration' ? (node.source as unknown as { value: string }).value : undefined
    const isProcessImport = from === 'node:process' || from === 'process'
    const isEnvOfProcess =
      memberNameOf(node) === 'env' &&
      /(^|\.)process$/.test(
        tree.text.slice((node.object as { start: number }).start, (node.object as { end: number }).end),
      )
    const parent = ancestors.at(-1)
    // `process` alone, passed on or destructured: the reader would be elsewhere.
    const isWhole =
      nameOf(node) === 'process' &&
      parent !== undefined &&
      ((parent.type === 'VariableDeclarator' && parent.init === node && takesEnv(parent.id as SyntaxNode)) ||
        (parent.type === 'CallExpression' && parent.callee !== node))
    if (isProcessImport || isEnvOfProcess || isWhole) reads.push(placeOf(tree, node))
  })
  return reads
}

const isReader = (path: string) => Object.keys(readers).some((pattern) => matchesGlob(path, pattern))

test('the environment is read only by the settings files', () => {
  const found = listSourceFiles()
    .filter((path) => !isReader(path))
    .flatMap((path) => findEnvironmentReads(path, readProjectFile(path)))
  expect(found, 'take the setting as an argument; the program’s settings file reads the environment').toEqual([])
})

test('every exception exists', () => {
  const files = listProjectFiles().filter((path) => !isTest(path))
  const missing = Object.keys(readers).filter((pattern) => !files.some((path) => matchesGlob(path, pattern)))
  expect(missing, 'remove the line of a reader that is gone').toEqual([])
})

test.each([
  'const level = process.env.LEVEL',
  "const level = process['env'].LEVEL",
  'const { env } = process',
  'const { pid, ...rest } = process',
  'const level = globalThis.process.env.LEVEL',
  "import { env } from 'node:process'",
  "import process from 'node:process'",
  'const settings = readSettings(process)',
])('finds a planted read: %s', (text) => {
  expect(findEnvironmentReads('src/server/app/planted.ts', text)).toHaveLength(1)
})

test.each([
  '// process.env.LEVEL',
  "const text = 'process.env'",
  'const { env } = options',
  'const { stderr } = process',
  'process.exitCode = 1',
  'const pid = process.pid',
])('similar code is allowed: %s', (text) => {
  expect(findEnvironmentReads('src/server/app/allowed.ts', text)).toEqual([])
})
