// Reason: core receives the time, the ids and the state, and returns what to do. So the same input
// always gives the same decision, a test can advance the clock by a week, and the simulator can
// replay a seed.
import { expect, test } from 'vitest'
import { listSourceFiles, readProjectFile } from './project-files.ts'
import { findGlobals, isNode, memberNameOf, parseSource, placeOf } from './syntax-tree.ts'

const impure: Record<string, string> = {
  Date: 'the clock: take an instant as an argument',
  performance: 'the clock: take an instant as an argument',
  Temporal: 'the clock: take an instant as an argument',
  setTimeout: 'waiting: return when to look again',
  setInterval: 'waiting: return when to look again',
  setImmediate: 'waiting: return what comes next',
  queueMicrotask: 'waiting: return what comes next',
  crypto: 'randomness: take the bytes as an argument',
  process: 'the environment: take what you need as an argument',
  console: 'output: return what there is to say',
  fetch: 'input and output: take the answer as an argument',
  WebSocket: 'input and output: take the message as an argument',
  globalThis: 'the way around this rule',
  eval: 'code from data',
  Function: 'code from data',
  require: 'the way around the table of layers',
}

function findImpurities(path: string, text: string): string[] {
  const tree = parseSource(path, text)
  const globals = findGlobals(tree).flatMap(({ name, node, parent, key }) => {
    const random = name === 'Math' && (key !== 'object' || [undefined, 'random'].includes(memberNameOf(parent)))
    const why = random
      ? 'randomness: take the number as an argument'
      : Object.hasOwn(impure, name)
        ? impure[name]
        : undefined
    return why === undefined ? [] : [`${placeOf(tree, node)} uses ${name}, ${why}`]
  })
  const topLevel = (tree.root.body as unknown[])
    .filter(isNode)
    .map((node) => (isNode(node.declaration) ? node.declaration : node))
  const variables = topLevel
    .filter((node) => node.type === 'VariableDeclaration' && node.kind !== 'const' && node.declare !== true)
    .map(
      (node) =>
        `${placeOf(tree, node)} keeps state in a module variable: take it as an argument and return the new one`,
    )
  return [...globals, ...variables]
}

test('core has no clock, no randomness, no environment and no state', () => {
  const files = listSourceFiles().filter((path) => path.startsWith('src/core/'))
  expect(files.length, 'no file of core found: the rule would hold for nothing').toBeGreaterThan(5)
  const found = files.flatMap((path) => findImpurities(path, readProjectFile(path)))
  expect(found, 'a decision that looks around cannot be tested or replayed').toEqual([])
})

test.each([
  'const at = Date.now()',
  'export const at = new Date()',
  'function plan(at = Date.now()) { return at }',
  'const pick = () => Math.random()',
  "const pick = () => Math['random']()",
  'const { random } = Math',
  'const id = crypto.randomUUID()',
  'const level = process.env.LEVEL',
  'const shorthand = { process }',
  'setTimeout(() => {}, 10)',
  'const started = performance.now()',
  "console.log('planned')",
  "export const answer = await fetch('/')",
  'const clock = globalThis.Date',
  'let counter = 0',
  'export let counter = 0',
])('finds a planted violation: %s', (text) => {
  expect(findImpurities('src/core/planted.ts', text)).toHaveLength(1)
})

test.each([
  '// Date.now() is the caller’s',
  "const text = 'Date.now()'",
  'const size = Math.ceil(1.5)',
  'interface Invocation { readonly process: string; console?: string }',
  "const check = { process: 'java', fetch: 1 }",
  'const name = (check: { process: string }) => check.process',
  'const rename = ({ process: name }: { process: string }) => name',
  'function count() { let total = 0; total += 1; return total }',
])('similar code is allowed: %s', (text) => {
  expect(findImpurities('src/core/allowed.ts', text)).toEqual([])
})
