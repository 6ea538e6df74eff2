// The rules inspect the syntax tree, so that comments and strings cannot mislead them. The parser
// is the test runner's, because a custom tokeniser could be wrong.
import { parseAst } from 'vitest/node'

/**
 * A node of the ESTree syntax tree (with TypeScript's nodes); offsets count UTF-16 units from the
 * start of the file.
 */
export interface SyntaxNode {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

export interface SyntaxTree {
  readonly path: string
  readonly text: string
  readonly root: SyntaxNode
}

/** Ten rules read every source; a tree depends on nothing but the text. */
const parsed = new Map<string, SyntaxTree>()

/** Throws the parser's error, with its place, when the text is not TypeScript. */
export function parseSource(path: string, text: string): SyntaxTree {
  const known = parsed.get(path)
  if (known?.text === text) return known
  const lang = path.endsWith('.tsx') ? 'tsx' : 'ts'
  // oxlint-disable-next-line typescript/no-deprecated -- its successor is exported by vite, which is no dependency of ours
  const root = parseAst(text, { lang, astType: 'ts', sourceType: 'module' }, path) as unknown as SyntaxNode
  const tree = { path, text, root }
  parsed.set(path, tree)
  return tree
}

export const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === 'object' && value !== null && typeof (value as SyntaxNode).type === 'string'

/**
 * Calls `visit` for every node, parents first; `ancestors` runs from the root to the node's parent,
 * `key` is the parent's field that contains the node.
 */
export function walkTree(
  root: SyntaxNode,
  visit: (node: SyntaxNode, ancestors: readonly SyntaxNode[], key: string) => void,
): void {
  const ancestors: SyntaxNode[] = []
  const step = (node: SyntaxNode, key: string) => {
    visit(node, ancestors, key)
    ancestors.push(node)
    for (const [childKey, child] of Object.entries(node)) {
      if (Array.isArray(child)) {
        for (const item of child) if (isNode(item)) step(item, childKey)
      } else if (isNode(child)) step(child, childKey)
    }
    ancestors.pop()
  }
  step(root, '')
}

/** `path:line` of a node, in the format of editors and terminals. */
export const placeOf = (tree: SyntaxTree, node: SyntaxNode) =>
  `${tree.path}:${tree.text.slice(0, node.start).split('\n').length}`

export const nameOf = (node: unknown) =>
  isNode(node) && node.type === 'Identifier' ? (node.name as string) : undefined

/** The name after the dot, or in brackets when it is a string: `a.b` and `a['b']` give `b`. */
export function memberNameOf(node: SyntaxNode): string | undefined {
  if (node.type !== 'MemberExpression') return undefined
  if (node.computed !== true) return nameOf(node.property)
  return isNode(node.property) && node.property.type === 'Literal' ? String(node.property.value) : undefined
}

/** The text of a template; its expressions become `x`. */
export const textOfTemplate = (template: SyntaxNode) =>
  (template.quasis as { value: { cooked: string } }[]).map(({ value }) => value.cooked).join('x')

const isDeclaredName = (parent: SyntaxNode, key: string) =>
  (parent.type === 'VariableDeclarator' && key === 'id') ||
  (/^(Function|ArrowFunction)/.test(parent.type) && (key === 'params' || key === 'id')) ||
  (parent.type === 'ClassDeclaration' && key === 'id') ||
  (/^Import(Default|Namespace)?Specifier$/.test(parent.type) && key === 'local') ||
  (parent.type === 'CatchClause' && key === 'param') ||
  (parent.type === 'AssignmentPattern' && key === 'left') ||
  parent.type === 'RestElement' ||
  parent.type === 'ArrayPattern'

const isKeyOnly = (parent: SyntaxNode, key: string) =>
  (key === 'property' && parent.type === 'MemberExpression' && parent.computed !== true) ||
  (key === 'key' && parent.computed !== true) ||
  (key === 'right' && parent.type === 'TSQualifiedName') ||
  (key === 'label' && parent.type !== 'Property') ||
  /^(Import|Export)(Default|Namespace)?Specifier$/.test(parent.type) ||
  /^TS(NamedTupleMember|TypePredicate|TypeParameter)$/.test(parent.type)

/**
 * Every use of a global name: identifiers that the file neither declares nor uses as a mere key
 * (`x.name`, `{ name: 1 }`). Deliberately coarse: a name that the file declares anywhere counts as
 * declared everywhere in it.
 */
export function findGlobals(tree: SyntaxTree): { name: string; node: SyntaxNode; parent: SyntaxNode; key: string }[] {
  const declared = new Set<string>()
  const uses: { name: string; node: SyntaxNode; parent: SyntaxNode; key: string }[] = []
  walkTree(tree.root, (node, ancestors, key) => {
    const name = nameOf(node)
    const parent = ancestors.at(-1)
    if (name === undefined || parent === undefined) return
    const inPattern = parent.type === 'Property' && ancestors.at(-2)?.type === 'ObjectPattern'
    if (isDeclaredName(parent, key) || (inPattern && key === 'value')) declared.add(name)
    else if (!isKeyOnly(parent, key)) uses.push({ name, node, parent, key })
  })
  return uses.filter((use) => !declared.has(use.name))
}
