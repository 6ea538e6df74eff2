// Reason: a sentence that a statement builds is stored in the language of the statement, and no reader can have it in another. Statements
// store codes with arguments (core/reason/reason.ts, `buildReason`); catalogues render them at the edge.
import { expect, test } from 'vitest'
import { listSourceFiles, readProjectFile } from './project-files.ts'
import { isNode, memberNameOf, nameOf, parseSource, placeOf, textOfTemplate, walkTree } from './syntax-tree.ts'

const isSqlTag = (tag: unknown): boolean =>
  nameOf(tag) === 'sql' ||
  (isNode(tag) && tag.type === 'MemberExpression' && (isSqlTag(tag.object) || memberNameOf(tag) === 'sql')) ||
  (isNode(tag) && tag.type === 'TSInstantiationExpression' && isSqlTag(tag.expression))

/** Two words with a space between them, or a capital word before or after a space: `Part `, ` is done.` */
const isProse = (literal: string) =>
  /[A-Za-z]{2,},? [a-z]{2,}/.test(literal) || /^[A-Z][a-z]+ $/.test(literal) || /^[,:;]? [a-z]+\b.*\.$/.test(literal)

/** Literals of PostgreSQL that look like words and are none. */
const isInterval = (literal: string) => /^\d+ [a-z]+$/.test(literal)

function findProse(path: string, text: string): string[] {
  const tree = parseSource(path, text)
  const found: string[] = []
  walkTree(tree.root, (node) => {
    if (node.type !== 'TaggedTemplateExpression' || !isSqlTag(node.tag) || !isNode(node.quasi)) return
    for (const [, literal = ''] of textOfTemplate(node.quasi).matchAll(/'([^']*)'/g))
      if (isProse(literal) && !isInterval(literal)) found.push(`${placeOf(tree, node)} has the text '${literal}'`)
  })
  return found
}

test('statements have no sentences', () => {
  const found = listSourceFiles()
    .filter((path) => path.startsWith('src/store/'))
    .flatMap((path) => findProse(path, readProjectFile(path)))
  expect(found, 'store a code with arguments: buildReason of src/store/database/stored-reason.ts').toEqual([])
})

test.each([
  "const reason = sql`'Waits for ' || w.waits_for`",
  "const reason = sql<string>`case when parts is null then '' else 'Part ' || part end`",
  "const reason = sql`name || ' is done.'`",
  "const reason = sql`update t set reason = 'Cancelled before it started.'`",
])('a planted sentence is seen: %s', (text) => {
  expect(findProse('src/store/planted.ts', text).length).toBeGreaterThan(0)
})

test.each([
  "const status = sql`status in ('Success', 'Failed') and reason_code = 'WaitingForOtherExecution'`",
  "const since = sql`now() - interval '1 day' and '5 minutes'::interval < age`",
  "const key = sql`execution_id || ' ' || ordinal`",
])('what is no sentence is allowed: %s', (text) => {
  expect(findProse('src/store/allowed.ts', text)).toEqual([])
})
