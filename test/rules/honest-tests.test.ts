// Reason: a green suite must not be an accident. A forgotten `.only` excludes the rest, a skipped
// test is dead code that looks alive, a sleep is a guess about a machine's speed, and a mocked
// module tests the mock.
import { expect, test } from 'vitest'
import { isCode, isTest, listProjectFiles, readProjectFile } from './project-files.ts'
import { isNode, memberNameOf, nameOf, parseSource, placeOf, type SyntaxNode, walkTree } from './syntax-tree.ts'

/**
 * Test files that may let time pass, each with its reason. To wait for a condition, tests use the
 * runner's `vi.waitFor`.
 */
const sleepers: Record<string, string> = {}

const sleeping = 'sleeps: wait for a named event or a condition, or give a clock as argument'
const shortestReason = 10

const isTestFunction = (node: unknown): boolean =>
  ['test', 'it', 'describe', 'bench', 'suite'].includes(nameOf(node) ?? '') ||
  (isNode(node) && node.type === 'MemberExpression' && isTestFunction(node.object)) ||
  (isNode(node) && node.type === 'CallExpression' && isTestFunction(node.callee))

const hasReason = (call: SyntaxNode) =>
  (call.arguments as SyntaxNode[]).some(
    (argument) =>
      (argument.type === 'Literal' && typeof argument.value === 'string' && argument.value.length >= shortestReason) ||
      argument.type === 'TemplateLiteral',
  )

function isBareSleep(node: SyntaxNode): boolean {
  if (node.type !== 'NewExpression' || nameOf(node.callee) !== 'Promise') return false
  const executor = (node.arguments as SyntaxNode[])[0]
  const resolve = nameOf((executor?.params as unknown[] | undefined)?.[0])
  if (executor === undefined || resolve === undefined) return false
  let sleeps = false
  walkTree(executor, (call) => {
    if (call.type !== 'CallExpression' || nameOf(call.callee) !== 'setTimeout') return
    const then = (call.arguments as SyntaxNode[])[0]
    if (then !== undefined) walkTree(then, (part) => (sleeps ||= nameOf(part) === resolve))
  })
  return sleeps
}

function findDishonesty(path: string, text: string): string[] {
  const tree = parseSource(path, text)
  const lines = text.split('\n')
  const found: string[] = []
  walkTree(tree.root, (node) => {
    const place = placeOf(tree, node)
    const say = (what: string) => found.push(`${place} ${what}`)
    const member = memberNameOf(node)
    if (isTestFunction(node.object)) {
      if (member === 'only') say('runs only this test; the rest of the file is silently left out')
      if (member === 'skip' || member === 'todo')
        say(`is .${member}: delete the test, or decide in its body with context.skip(condition, reason)`)
      if (member === 'skipIf' || member === 'runIf') {
        const line = Number(place.split(':').at(-1))
        if (![lines[line - 1], lines[line - 2]].some((near) => near?.includes('//') || near?.includes('*/')))
          say(`.${member} without a comment that says why`)
      }
    }
    const isSkipCall =
      node.type === 'CallExpression' &&
      isNode(node.callee) &&
      (nameOf(node.callee) === 'skip' ||
        (memberNameOf(node.callee) === 'skip' && ['context', 'ctx'].includes(nameOf(node.callee.object) ?? '')))
    if (isSkipCall && !hasReason(node)) say('skips without a reason: skip(condition, "why this machine cannot run it")')
    const isSleepImport =
      node.type === 'ImportDeclaration' &&
      /^(node:)?timers\/promises$/.test((node.source as unknown as { value: string }).value)
    if (isBareSleep(node) || isSleepImport) say(sleeping)
    if (nameOf(node.object) === 'vi' && ['mock', 'doMock', 'hoisted'].includes(member ?? ''))
      say(`vi.${member}: give the code a fake as an argument instead`)
  })
  return found
}

const findings = () =>
  listProjectFiles()
    .filter((path) => isTest(path) && isCode(path))
    .flatMap((path) => findDishonesty(path, readProjectFile(path)).map((line) => ({ path, line })))

test('no test is skipped without a reason, sleeps, or mocks a module', () => {
  const found = findings().filter(({ path, line }) => !(path in sleepers && line.endsWith(sleeping)))
  expect(
    found.map(({ line }) => line),
    'a test must be able to fail, for a reason in the code and for no other',
  ).toEqual([])
})

test('every exception is in use', () => {
  const sleeps = new Set(
    findings()
      .filter(({ line }) => line.endsWith(sleeping))
      .map(({ path }) => path),
  )
  expect(
    Object.keys(sleepers).filter((path) => !sleeps.has(path)),
    'remove its line',
  ).toEqual([])
})

test.each([
  "test.only('a', () => {})",
  "describe.only('a', () => {})",
  "test.concurrent.only('a', () => {})",
  "test.skip('a', () => {})",
  "test.todo('later')",
  "test.skipIf(process.getuid?.() === 0)('a', () => {})",
  "test('a', ({ skip }) => skip())",
  "test('a', (context) => context.skip(true))",
  'await new Promise((resolve) => setTimeout(resolve, 100))',
  'await new Promise<void>((done) => { setTimeout(() => done(), 100) })',
  "import { setTimeout as sleep } from 'node:timers/promises'",
  "vi.mock('./store.ts')",
])('finds a planted violation: %s', (text) => {
  expect(findDishonesty('test/planted.test.ts', text)).toHaveLength(1)
})

test.each([
  '// test.only is forbidden',
  "const text = 'test.only('",
  "test('a', ({ skip }) => skip(process.getuid?.() !== 0, 'needs root to install an OS package'))",
  "// only root may change user\ntest.skipIf(process.getuid?.() !== 0)('a', () => {})",
  'const late = new Promise((_, reject) => setTimeout(() => reject(new Error()), 100))',
  'await vi.waitFor(() => expect(count).toBe(1), { timeout: 60_000 })',
  'const page = list.skip(20)',
])('similar code is allowed: %s', (text) => {
  expect(findDishonesty('test/allowed.test.ts', text)).toEqual([])
})
