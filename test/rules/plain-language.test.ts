// Reason: users and contributors read English as a second language and search for the field's terms. Sentences name an
// actor (server, agent, user, operator, execution) and use an active verb and the usual term.
import { expect, test } from 'vitest'
import { isCode, isTest, listProjectFiles, readProjectFile } from './project-files.ts'
import { isNode, parseSource, type SyntaxNode, walkTree } from './syntax-tree.ts'

/** Words that are not used, and what to write instead. */
const avoided: readonly { readonly pattern: RegExp; readonly instead: string }[] = [
  { pattern: /\btold\b(?!-)/i, instead: 'the actor and the verb: "the server sends", "set to", "signalled"' },
  { pattern: /\btells\b/i, instead: '"reports", "shows", "returns"' },
  { pattern: /\bwho(?:m|ever)\b/i, instead: '"users who", "the user that", "anyone who"' },
  { pattern: /\banew\b/i, instead: '"again", "a new"' },
  { pattern: /\bgoes on\b/i, instead: '"continues"' },
  { pattern: /\bstands\b/i, instead: '"is", "represents"' },
  { pattern: /\blies\b/i, instead: '"is in"' },
  { pattern: /\ba person\b/i, instead: '"a user", "an operator"' },
  { pattern: /\brecipes?\b/i, instead: '"configuration", "installation"' },
  { pattern: /\bwhat\b[^.;:|\n]{0,40}\bis for\b/i, instead: 'a noun: "description", "purpose"' },
]

/** A file of which only some parts are text for people, as those parts with their lines. */
interface TextPart {
  readonly line: number
  readonly text: string
}

/** Of shell scripts, messages and comments alike. */
const isProse = (path: string) => /\.(md|ya?ml|sh)$|^bin\/[^.]*$|^\.ci\/run$/.test(path)

/** Folders whose literals are checked; of tests, their names. */
const covered = /^(src|test|console|scripts)\//

/** What is not checked, with the reason. */
const exceptions: readonly { readonly files: RegExp; readonly reason: string }[] = [
  { files: /^src\/agent\/state\/earlier-names.ts$/, reason: 'names in files of earlier versions' },
  { files: /^src\/store\//, reason: 'its literals are SQL: names of columns and tables, which migrations keep' },
  { files: /^src\/core\/(execution|reason)\//, reason: 'sentences of stored reasons, which released rows contain' },
]

const isCovered = (path: string) =>
  isProse(path) || (isCode(path) && covered.test(path) && !exceptions.some(({ files }) => files.test(path)))

/** The rule itself names the words. */
const itself = 'test/rules/plain-language.test.ts'

function findAvoided(path: string, text: string): string[] {
  return partsOf(path, text).flatMap((part) =>
    avoided.flatMap(({ pattern, instead }) => {
      const hit = pattern.exec(part.text)
      if (hit === null) return []
      const line = part.line + part.text.slice(0, hit.index).split('\n').length - 1
      return [`${path}:${line} has "${hit[0]}"; write ${instead}`]
    }),
  )
}

/** Prose as it is, a line each; of code its literals, of tests their names only. */
function partsOf(path: string, text: string): TextPart[] {
  if (isProse(path)) return text.split('\n').map((line, index) => ({ line: index + 1, text: line }))
  const parts: TextPart[] = []
  const add = (node: SyntaxNode, value: unknown) =>
    void parts.push({ line: text.slice(0, node.start).split('\n').length, text: String(value) })
  walkTree(parseSource(path, text).root, (node, ancestors, key) => {
    const parent = ancestors.at(-1)
    if (node.type === 'Literal' && typeof node.value === 'string') {
      if (parent && /^(Import|Export)/.test(parent.type)) return
      if (!isTest(path) || isNameOfTest(parent, key, node)) add(node, node.value)
    }
    if (node.type === 'TemplateElement') {
      const template = parent
      const call = ancestors.at(-2)
      if (!isTest(path) || (template && isNameOfTest(call, 'arguments', template)))
        add(node, (node.value as { raw: string }).raw)
    }
    if (node.type === 'JSXText') add(node, node.value)
  })
  return parts
}

/** The first argument of `test(…)`, `describe(…)`, `test.each(…)(…)` and their likes. */
function isNameOfTest(call: SyntaxNode | undefined, key: string, node: SyntaxNode): boolean {
  if (call?.type !== 'CallExpression' || key !== 'arguments') return false
  const [first] = call.arguments as SyntaxNode[]
  return first === node && isTestFunction(call.callee)
}

function isTestFunction(callee: unknown): boolean {
  if (!isNode(callee)) return false
  if (callee.type === 'Identifier') return callee.name === 'test' || callee.name === 'describe' || callee.name === 'it'
  if (callee.type === 'MemberExpression') return isTestFunction(callee.object)
  return callee.type === 'CallExpression' && isTestFunction(callee.callee)
}

test('documentation, help, messages and names of tests are in plain English', () => {
  const files = listProjectFiles().filter((path) => isCovered(path) && path !== itself)
  expect(files.length).toBeGreaterThan(100)
  const found = files.flatMap((path) => findAvoided(path, readProjectFile(path)))
  expect(found, 'write it as in CONTRIBUTING.md, Conventions').toEqual([])
})

test.each([
  ['docs/a.md', 'fine\nThe agent is told to stop.', 'docs/a.md:2 has "told"'],
  ['docs/a.md', 'Whoever holds the key', 'docs/a.md:1 has "Whoever"'],
  ['docs/a.md', 'the file lies in the folder', 'docs/a.md:1 has "lies"'],
  ['src/server/agent-bundle/a.sh', 'echo "the agent stands"', 'a.sh:1 has "stands"'],
  ['docs/a.md', 'the recipe of a version', 'docs/a.md:1 has "recipe"'],
  ['docs/a.md', 'what the option is for', 'docs/a.md:1 has "what the option is for"'],
  ['src/cli/a.ts', "option('--x', 'say what it is for')", 'src/cli/a.ts:1 has "what it is for"'],
  ['src/cli/a.ts', 'const a = `run ${b} until a person stops it`', 'src/cli/a.ts:1 has "a person"'],
  ['src/cli/a.ts', "const a = 1\nconst b = 'it goes on'", 'src/cli/a.ts:2 has "goes on"'],
  ['src/cli/a.test.ts', "test('begins anew', () => {})", 'src/cli/a.test.ts:1 has "anew"'],
  ['test/a.test.ts', "test.each([1])('%s stands', () => {})", 'test/a.test.ts:1 has "stands"'],
  ['test/a.test.ts', 'describe(`who ${x} tells`, () => {})', 'test/a.test.ts:1 has "tells"'],
])('a planted word is found: %s %j', (path, text, expected) => {
  expect(findAvoided(path, text)).toEqual([expect.stringContaining(expected)])
})

test.each([
  ['src/cli/a.ts', '// a comment may say told\nconst told = 1'],
  ['src/cli/a.ts', "import { a } from './told/whoever.ts'"],
  ['src/cli/a.ts', "const id = 'told-1'"],
  ['src/cli/a.test.ts', "test('fine', () => expect(a).toBe('it stands'))"],
  ['docs/a.md', 'relies on standstill; the standard tool implies it; earlies; bold'],
])('nothing is found in %s %j', (path, text) => {
  expect(findAvoided(path, text)).toEqual([])
})
