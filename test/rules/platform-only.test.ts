// Reason: the agent runs on Linux and Windows. What differs between them (owners and syncs of files,
// renaming what is open, where a machine keeps its identity, shells) is a part of the platform
// interface, so that code elsewhere works on both and a third system is one more folder.
import { matchesGlob } from 'node:path'
import { expect, test } from 'vitest'
import { listSourceFiles, readProjectFile } from './project-files.ts'
import { isNode, memberNameOf, nameOf, parseSource, placeOf, type SyntaxNode, walkTree } from './syntax-tree.ts'

/** Files of the agent that are for one system, or are the platform, with their reasons. */
const exceptions: Record<string, string> = {
  'src/agent/platform/**': 'the platforms themselves',
  'src/agent/setup/**': 'installs the agent as a service of systemd; on Windows the service host does',
  'src/agent/diagnose/find-machine.ts': 'looks for the locks of package managers of Linux',
  'src/agent/state/state-directory.ts':
    'on a full disk the lock is a symbolic link, where there are any; elsewhere the agent waits for space',
}

/** Of node:fs and node:fs/promises. */
const systemFunctions = /^(?:(?:l|f)?chown|fsync|rename|symlink|mkfifo|link)(?:Sync)?$/
const systemPath = /^\/(?:etc|proc|sys|bin|sbin|usr|var|run|dev|root|opt)(?:\/|$)/
const processMembers = new Set(['platform', 'getuid', 'geteuid', 'getgid', 'getegid', 'execve', 'umask'])

function findAssumptions(path: string, text: string): string[] {
  const tree = parseSource(path, text)
  const found: string[] = []
  walkTree(tree.root, (node, ancestors) => {
    const what = findAssumption(node, ancestors)
    if (what !== undefined) found.push(`${placeOf(tree, node)}: ${what}`)
  })
  return found
}

function findAssumption(node: SyntaxNode, ancestors: readonly SyntaxNode[]): string | undefined {
  if (node.type === 'ImportSpecifier') {
    const from = (ancestors.at(-1)?.source as { value?: string } | undefined)?.value ?? ''
    const name = nameOf(node.imported) ?? ''
    return /^node:fs(?:\/promises)?$/.test(from) && systemFunctions.test(name) ? `${name} of ${from}` : undefined
  }
  if (node.type === 'Literal' && typeof node.value === 'string' && systemPath.test(node.value)) return node.value
  const member = memberNameOf(node)
  if (member === undefined) return undefined
  return processMembers.has(member) && isNode(node.object) && nameOf(node.object) === 'process'
    ? `process.${member}`
    : undefined
}

const isException = (path: string) => Object.keys(exceptions).some((pattern) => matchesGlob(path, pattern))

test('the agent depends on its operating system in platform/ only', () => {
  const found = listSourceFiles()
    .filter((path) => path.startsWith('src/agent/') && !isException(path))
    .flatMap((path) => findAssumptions(path, readProjectFile(path)))
  expect(found, 'add what is needed to the platform interface, or use src/lib (replaceFile, syncDirectory)').toEqual([])
})

test('every exception is needed', () => {
  const files = listSourceFiles()
  const unneeded = Object.keys(exceptions).filter(
    (pattern) =>
      !files.some((path) => matchesGlob(path, pattern) && findAssumptions(path, readProjectFile(path)).length > 0),
  )
  expect(unneeded, 'remove exceptions without a cause').toEqual([])
})

test.each([
  "import { chown } from 'node:fs/promises'",
  "import { fsync } from 'node:fs'",
  "import { readFile, rename } from 'node:fs/promises'",
  "const id = readFileSync('/etc/machine-id')",
  "spawn('/bin/sh', [])",
  "if (process.platform === 'win32') go()",
  'const isRoot = process.getuid?.() === 0',
])('finds a planted assumption: %s', (text) => {
  expect(findAssumptions('src/agent/planted.ts', text)).toHaveLength(1)
})

test.each([
  "import { readFile } from 'node:fs/promises'",
  "import { rename } from './platform/files.ts'",
  "const route = '/api/v1/etc'",
  '// process.platform',
  'const family = engine.platform.family',
  'process.exitCode = 1',
])('similar code is allowed: %s', (text) => {
  expect(findAssumptions('src/agent/allowed.ts', text)).toEqual([])
})
