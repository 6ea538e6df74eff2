// Reason: a kind of operation is added with one type and one entry in each table of kinds, and the compiler names the
// tables. A comparison elsewhere is a place that it cannot name: the new kind takes the wrong branch without a word.
import { expect, test } from 'vitest'
import { operationKinds } from '../../src/core/execution/operation/operations.ts'
import { listSourceFiles, readProjectFile } from './project-files.ts'
import { isNode, memberNameOf, nameOf, parseSource, placeOf, type SyntaxNode, walkTree } from './syntax-tree.ts'

const kinds: ReadonlySet<unknown> = new Set(operationKinds)

/** Without parentheses, `!`, `as` and `satisfies` around it, and without the chain of `?.`. */
function unwrap(node: unknown): unknown {
  const isWrapper =
    isNode(node) && /^(TS(AsExpression|SatisfiesExpression|NonNullExpression)|Chain|Parenthesized)/.test(node.type)
  return isWrapper ? unwrap(node.expression) : node
}

const isKindName = (name: string | undefined) => name !== undefined && /(^k|K)ind$/.test(name)

/** `x.kind`, `x['kind']`, `kind` and `operationKind`. */
function isKind(node: unknown): boolean {
  const inner = unwrap(node)
  return isNode(inner) && (isKindName(memberNameOf(inner)) || isKindName(nameOf(inner)))
}

function isKindLiteral(node: unknown): boolean {
  const inner = unwrap(node)
  return isNode(inner) && inner.type === 'Literal' && kinds.has(inner.value)
}

const comparisons = ['===', '!==', '==', '!=']

/** `operation.kind === 'command'`, in either order. */
const comparesKind = ({ type, operator, left, right }: SyntaxNode): boolean =>
  type === 'BinaryExpression' &&
  comparisons.includes(String(operator)) &&
  ((isKind(left) && isKindLiteral(right)) || (isKind(right) && isKindLiteral(left)))

/** `switch (operation.kind) { case 'command': … }`. */
const switchesOnKind = ({ type, discriminant, cases }: SyntaxNode): boolean =>
  type === 'SwitchStatement' && isKind(discriminant) && (cases as SyntaxNode[]).some((one) => isKindLiteral(one.test))

/** `['command', 'osPackage'].includes(operation.kind)`. */
function listsKinds({ type, callee, arguments: passed }: SyntaxNode): boolean {
  if (type !== 'CallExpression' || !isNode(callee) || memberNameOf(callee) !== 'includes') return false
  const list = unwrap(callee.object)
  return isNode(list) && list.type === 'ArrayExpression' && (list.elements as unknown[]).some(isKindLiteral)
    ? isKind((passed as unknown[])[0])
    : false
}

/** `'parts' in operation`: a kind recognised by its fields. */
const looksForField = ({ type, operator, right }: SyntaxNode): boolean =>
  type === 'BinaryExpression' &&
  operator === 'in' &&
  [nameOf(unwrap(right)), isNode(right) ? memberNameOf(right) : undefined].includes('operation')

function findKindQuestions(path: string, text: string): string[] {
  const tree = parseSource(path, text)
  const found: string[] = []
  walkTree(tree.root, (node) => {
    if ([comparesKind, switchesOnKind, listsKinds, looksForField].some((isFound) => isFound(node)))
      found.push(`${placeOf(tree, node)} asks which kind an operation is`)
  })
  return found
}

test('no file compares the kind of an operation: tables of kinds do', () => {
  const files = listSourceFiles()
  expect(files.length).toBeGreaterThan(10)
  expect(kinds.size).toBeGreaterThan(3)
  const found = files.flatMap((path) => findKindQuestions(path, readProjectFile(path)))
  expect(found, 'add a member to a table of kinds (ARCHITECTURE.md: how to add a kind of operation)').toEqual([])
})

test.each([
  "if (operation.kind === 'extension') install()",
  "if ('command' !== request.kind) install()",
  "const isRun = execution.operation?.kind === 'osPackage'",
  "const isRun = operation['kind'] == 'command'",
  "const { kind } = operation\nconst isRun = kind === 'command'",
  "const { kind: operationKind } = operation\nconst isRun = operationKind === 'command'",
  "switch (operation.kind) {\n  case 'extensions':\n    install()\n}",
  "switch (kind) {\n  default:\n    install()\n    break\n  case 'osPackage':\n    run()\n}",
  "const isRun = ['command', 'osPackage'].includes(operation.kind)",
  "const isRun = (['command', 'osPackage'] as string[]).includes(operation.kind)",
  "const hasParts = 'parts' in operation",
  "const hasParts = 'parts' in execution.operation",
  "const script = (operation as CommandOperation).kind === 'command'",
])('a planted violation is seen: %s', (text) => {
  expect(findKindQuestions('src/core/planted.ts', text)).toHaveLength(1)
})

test.each([
  "const operation = { kind: 'command' }",
  "if (targets.kind === 'tags') filter()",
  "switch (token.property) {\n  case 'extension':\n    filter()\n}",
  'const table = { command: runCommand, osPackage: runPackage }',
  "// operation.kind === 'command'",
  "if ('problem' in validation) refuse()",
  "if (name === 'command') parse()",
])('what only looks alike is allowed: %s', (text) => {
  expect(findKindQuestions('src/core/allowed.ts', text)).toEqual([])
})
