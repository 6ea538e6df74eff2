// Reason: with every statement in one folder, reading that folder finds a slow query, a missing
// account id or the effect of a migration. A single statement elsewhere breaks that.
import { expect, test } from 'vitest'
import { packageOf } from './arrows.ts'
import { findImports } from './imports.ts'
import { listSourceFiles, readProjectFile } from './project-files.ts'
import { isNode, memberNameOf, nameOf, parseSource, placeOf, textOfTemplate, walkTree } from './syntax-tree.ts'

const statement =
  /^\s*(select\s+[^;]*\s+from\s+[\w".]+(\s*$|\s+(where|join|left|order|group|limit|for)\s)|select\s+\w+\(|insert\s+into\s|update\s+[\w".]+\s+set\s|delete\s+from\s|(create|alter|drop)\s+(unlogged\s+)?(table|index|type|function|schema|database|role)\s|with\s+\w+\s+as\s+\(|begin$|commit$|notify\s+\w|listen\s+\w)/i

/**
 * `main` creates the pool for the store and the work engine, so it may import the driver, but it
 * may not contain statements.
 */
const mayImportDriver = (path: string) => /^src\/(store\/|server\/boot\/)/.test(path)

const isSqlTag = (tag: unknown): boolean =>
  nameOf(tag) === 'sql' ||
  (isNode(tag) && tag.type === 'MemberExpression' && (isSqlTag(tag.object) || memberNameOf(tag) === 'sql'))

function findSql(path: string, text: string): string[] {
  const tree = parseSource(path, text)
  const found = findImports(path, text)
    .filter(({ specifier }) => ['pg', 'kysely'].includes(packageOf(specifier)) && !mayImportDriver(path))
    .map(({ place, specifier }) => `${place} imports ${specifier}`)
  walkTree(tree.root, (node, ancestors) => {
    const say = (what: string) => found.push(`${placeOf(tree, node)} ${what}`)
    const isTagged = ancestors.at(-1)?.type === 'TaggedTemplateExpression'
    if (node.type === 'TaggedTemplateExpression' && isSqlTag(node.tag)) say('has an sql template')
    else if (node.type === 'CallExpression' && isNode(node.callee) && memberNameOf(node.callee) === 'query')
      say('calls .query()')
    else if (node.type === 'Literal' && typeof node.value === 'string' && statement.test(node.value))
      say('has a statement in a string')
    else if (node.type === 'TemplateLiteral' && !isTagged && statement.test(textOfTemplate(node)))
      say('has a statement in a template')
  })
  return found
}

test('only src/store contains SQL', () => {
  const files = listSourceFiles()
  const found = files
    .filter((path) => !path.startsWith('src/store/'))
    .flatMap((path) => findSql(path, readProjectFile(path)))
  expect(found, 'give the statement a function of its own in src/store and call that').toEqual([])
})

test.each([
  "import { sql } from 'kysely'",
  "import type { Pool } from 'pg'",
  'const rows = sql`select 1`',
  'const rows = sql.raw<Row>`select 1`',
  'const rows = await pool.query(text)',
  "const text = 'SELECT id FROM instance WHERE id = $1'",
  'const text = `insert into task (id) values (${id})`',
  "const text = 'update task set status = 1'",
  "const text = 'LISTEN poke'",
])('finds a planted statement: %s', (text) => {
  expect(findSql('src/server/app/planted.ts', text)).toHaveLength(1)
})

test.each([
  'const page = request.query',
  '// select id from instance',
  "const help = 'Select the instances from a list'",
  "const help = 'Update the agent and set its name'",
  "const help = 'Begin with one instance'",
])('similar code is allowed: %s', (text) => {
  expect(findSql('src/server/app/allowed.ts', text)).toEqual([])
})
