// Reason: a wall clock jumps. When an administrator or NTP sets it back, an interval that is
// measured with it is too short: a dead peer looks alive, a deadline does not come. `clock.now()`
// gives instants; intervals are differences of `clock.monotonicMs()`.
import { expect, test } from 'vitest'
import { isTest, listProjectFiles, readProjectFile } from './project-files.ts'
import { isNode, memberNameOf, nameOf, parseSource, placeOf, type SyntaxNode, walkTree } from './syntax-tree.ts'

/** Files that compare instants which outlive a process, or come from another one. */
const comparesInstants: Record<string, string> = {
  'console/src/data/load-part.ts': 'the instant is kept over a reload of the page',
  'src/agent/connection/connection.ts': 'how far the clock of the instance is off is what it looks at',
  'src/agent/diagnose/find-machine.ts': 'the same, for doctor',
  'src/objects/file-drafts.ts': 'files carry instants',
  'src/objects/file-object-store.ts': 'files carry instants',
  'src/objects/s3-object-store.ts': 'objects carry instants',
  'src/server/app/access/authenticate.ts': 'access keys expire at an instant, for all servers',
  'src/server/app/instance/check-join-token.ts': 'tokens expire at an instant',
  'src/server/app/overview/read-overview.ts': 'rows carry instants',
  'src/server/api/route/access/device-routes.ts': 'a sign-in expires at an instant, for all servers',
  'src/server/app/access/sessions.ts': 'sessions expire at an instant, for all servers',
  'src/server/boot/artifact-url.ts': 'signed addresses expire at an instant, for all servers',
  'src/server/tls/file-identity.ts': 'certificates expire at an instant',
  'src/server/tls/own-authorities.ts': 'CAs overlap until an instant, for all servers',
  'src/server/tls/own-identity.ts': 'certificates expire at an instant',
  'src/server/embedded-postgres/copy-binaries.ts': 'files carry instants',
}

const measuring = ['-', '<', '<=', '>', '>=']

/** `clock.now()`, `this.#clock.now()`, `Date.now()`. */
function readsWallClock(node: unknown): boolean {
  if (!isNode(node) || node.type !== 'CallExpression' || !isNode(node.callee)) return false
  if (memberNameOf(node.callee) !== 'now') return false
  const { object } = node.callee
  const owner = isNode(object) ? (nameOf(object) ?? memberNameOf(object) ?? privateNameOf(object)) : undefined
  return owner !== undefined && (owner === 'Date' || /clock$/i.test(owner))
}

/** `a.#b` gives `b`. */
const privateNameOf = (node: SyntaxNode) =>
  node.type === 'MemberExpression' && isNode(node.property) && node.property.type === 'PrivateIdentifier'
    ? String(node.property.name)
    : undefined

function findMeasurements(path: string, text: string): string[] {
  const tree = parseSource(path, text)
  const instants = new Set<string>()
  walkTree(tree.root, (node) => {
    const name = node.type === 'VariableDeclarator' && readsWallClock(node.init) ? nameOf(node.id) : undefined
    if (name !== undefined) instants.add(name)
  })
  const isInstant = (node: unknown) => readsWallClock(node) || instants.has(nameOf(node) ?? '')
  const found: string[] = []
  walkTree(tree.root, (node, ancestors) => {
    if (node.type !== 'BinaryExpression' || !measuring.includes(node.operator as string)) return
    const parent = ancestors.at(-1)
    // `new Date(clock.now() - ageMs)` is an instant again.
    if (parent?.type === 'NewExpression' && nameOf(parent.callee) === 'Date') return
    if (isInstant(node.left) || isInstant(node.right)) found.push(placeOf(tree, node))
  })
  return found
}

const sources = listProjectFiles().filter(
  (path) => /^(src|console\/src)\/.*\.tsx?$/.test(path) && !isTest(path) && !path.startsWith('src/core/'),
)

test('intervals are measured with the monotonic clock', () => {
  expect(sources.length, 'no file found: the rule would hold for nothing').toBeGreaterThan(100)
  const found = sources
    .filter((path) => !Object.hasOwn(comparesInstants, path))
    .flatMap((path) => findMeasurements(path, readProjectFile(path)))
  expect(
    found,
    'use clock.monotonicMs() (performance.now() in the browser) for what is subtracted or compared',
  ).toEqual([])
})

test('every exception is in use', () => {
  const idle = Object.keys(comparesInstants).filter(
    (path) => !sources.includes(path) || findMeasurements(path, readProjectFile(path)).length === 0,
  )
  expect(idle, 'remove the line').toEqual([])
})

test.each([
  'const startedAt = clock.now(); work(); log(end - startedAt)',
  'if (clock.now() > deadlineAt) stop()',
  'if (this.#clock.now() - this.#heardAt > 30) stop()',
  'if (this.#options.clock.now() >= until) stop()',
  'const elapsedMs = Date.now() - startedAt',
  'const now = systemClock.now(); if (now < dueAt) wait()',
])('finds a planted violation: %s', (text) => {
  expect(findMeasurements('src/planted.ts', text)).toHaveLength(1)
})

test.each([
  'const at = new Date(clock.now())',
  'const before = new Date(clock.now() - ageMs)',
  'const startedAt = clock.monotonicMs(); log(clock.monotonicMs() - startedAt)',
  'const expiresAt = clock.now() + ttlMs',
  'output.now() > 1',
])('other uses are allowed: %s', (text) => {
  expect(findMeasurements('src/allowed.ts', text)).toEqual([])
})
