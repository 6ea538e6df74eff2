// Reason: a state that is set past its table becomes a row that nothing can explain, and a task
// that moves past the counters makes every later decision about its execution wrong: reconciling
// reads the counters and never counts.
import { expect, test } from 'vitest'
import { listSourceFiles, readProjectFile } from './project-files.ts'
import {
  isNode,
  memberNameOf,
  nameOf,
  parseSource,
  placeOf,
  type SyntaxNode,
  type SyntaxTree,
  textOfTemplate,
  walkTree,
} from './syntax-tree.ts'

/** Tables with a state that moves along a table of core, and the column that has it. */
const stateColumns: Readonly<Record<string, string>> = {
  executions: 'status',
  task_executions: 'status',
  invocations: 'state',
}
/** The calls that check a move against its table, in the function that contains the statement. */
const guards = ['checkMove', 'listSources', 'listMoves', 'mayMove', 'listStatusesBefore']
/** The parts of every statement that moves tasks (src/store/task/task-counts.ts). */
const counting = ['beforeMove', 'returningMove', 'countMoves']

const countsPath = 'src/store/task/task-counts.ts'

/** Columns that the statement sets in each table it updates. */
function listAssignments(text: string): { table: string; columns: string[] }[] {
  return [
    ...text.matchAll(/\bupdate\s+(\w+)(?:\s+\w+)?\s+set\s+([\s\S]*?)(?=\n\s*(?:from|where|returning)\b|$)/gi),
  ].map(([, table = '', set = '']) => ({
    table,
    columns: [...set.matchAll(/(?:^|,)\s*(\w+)\s*=/g)].map(([, name]) => name!),
  }))
}

const namesIn = (node: SyntaxNode): Set<string> => {
  const names = new Set<string>()
  walkTree(node, (inner) => {
    const name = nameOf(inner)
    if (name !== undefined) names.add(name)
  })
  return names
}

/** Columns that a `.set(…)` of the query builder sets: `undefined` when they are not literal. */
function listSetKeys(call: SyntaxNode): string[] | undefined {
  const [argument] = call.arguments as unknown[]
  if (!isNode(argument) || argument.type !== 'ObjectExpression') return undefined
  const properties = argument.properties as SyntaxNode[]
  // A spread value must be literal, too; otherwise it could contain any column.
  const keys = properties.flatMap((property) =>
    property.type === 'Property' ? [nameOf(property.key)] : [...namesIn(property)],
  )
  return keys.filter((key) => key !== undefined)
}

/** The table of `….updateTable('table')….set(…)`. */
function findBuiltTable(call: SyntaxNode): string | undefined {
  if (!isNode(call.callee) || memberNameOf(call.callee) !== 'set') return undefined
  let table: string | undefined
  walkTree(call.callee, (node) => {
    if (node.type !== 'CallExpression' || !isNode(node.callee) || memberNameOf(node.callee) !== 'updateTable') return
    const [name] = node.arguments as unknown[]
    if (isNode(name) && name.type === 'Literal') table = String(name.value)
  })
  return table
}

function findUnguarded(path: string, text: string): string[] {
  const tree: SyntaxTree = parseSource(path, text)
  const found: string[] = []
  walkTree(tree.root, (node, ancestors) => {
    const say = (what: string) => found.push(`${placeOf(tree, node)} ${what}`)
    const around = ancestors.find(({ type }) => /Function/.test(type)) ?? tree.root
    const isGuarded = () => guards.some((guard) => namesIn(around).has(guard))
    if (node.type === 'TemplateLiteral') {
      const statement = textOfTemplate(node)
      if (/insert\s+into\s+task_counts/i.test(statement) && path !== countsPath) say('counts tasks by itself')
      for (const { table, columns } of listAssignments(statement)) {
        const column = stateColumns[table]
        if (column !== undefined && columns.includes(column) && !isGuarded()) say(`sets ${table}.${column} unchecked`)
        if (table !== 'task_executions' || !columns.some((name) => ['status', 'reason_code'].includes(name))) continue
        const names = namesIn(node)
        for (const part of counting) if (!names.has(part)) say(`moves tasks without ${part}`)
      }
    } else if (node.type === 'CallExpression') {
      const table = findBuiltTable(node)
      const column = table === undefined ? undefined : stateColumns[table]
      if (table === undefined || column === undefined) return
      const keys = listSetKeys(node)
      const isMoving = keys === undefined || keys.includes(column) || keys.includes('reason_code')
      if (isMoving && table === 'task_executions') say('moves tasks without countMoves')
      else if (isMoving && !isGuarded()) say(`sets ${table}.${column} unchecked`)
    }
  })
  return found
}

test('every state is set along its table, and every task that moves is counted', () => {
  const files = listSourceFiles().filter((path) => path.startsWith('src/') && !path.endsWith('.test.ts'))
  const found = files.flatMap((path) => findUnguarded(path, readProjectFile(path)))
  expect(found, 'check the move (core/execution/moves.ts) and use the parts of store/task/task-counts.ts').toEqual([])
})

/** The rule must not pass on a store that it cannot parse. */
test('the rule sees the statements that there are', () => {
  const seen = listSourceFiles()
    .filter((path) => path.startsWith('src/store/'))
    .flatMap((path) => {
      const tables: string[] = []
      walkTree(parseSource(path, readProjectFile(path)).root, (node) => {
        if (node.type === 'TemplateLiteral')
          for (const { table, columns } of listAssignments(textOfTemplate(node)))
            if (columns.includes(stateColumns[table] ?? '')) tables.push(table)
      })
      return tables
    })
  expect([...new Set(seen)].sort()).toEqual(Object.keys(stateColumns).sort())
})

const inFunction = (body: string) => `async function f(to) {\n${body}\n}`

test.each([
  ["await sql`update executions\nset ended_at = now(), status = 'Failed'\nwhere id = ${id}`", 1],
  ["await sql`with b as (select 1)\nupdate invocations i\nset state = 'lost'\nfrom b\nreturning id`", 1],
  [
    "checkMove('t', taskMoves, from, to)\nawait sql`update task_executions t\nset status = 'Failed'\nwhere ordinal = 1`",
    3,
  ],
  ["await sql`update task_executions t\nset reason = '', reason_code = 'Lost'\nwhere ordinal = 1`", 3],
  [
    "checkMove('t', taskMoves, from, to)\nawait sql`with before as (select ${beforeMove} from t), moved as (update task_executions t\nset status = 'Failed'\nfrom before\nreturning ${returningMove}) select 1`",
    1,
  ],
  ["await connection.updateTable('task_executions').set({ status: 'Failed' }).where('id', '=', id).execute()", 1],
  ["await connection.updateTable('executions').set(update).where('id', '=', id).execute()", 1],
  ["await connection.updateTable('executions').set({ ...(to ? { status: to } : {}) }).execute()", 1],
  ['await sql`insert into task_counts (n) values (1)`', 1],
])('a planted statement is seen: %s', (body, count) => {
  expect(findUnguarded('src/store/task/planted.ts', inFunction(body))).toHaveLength(count)
})

test.each([
  "await sql`update executions\nset revision = revision + 1\nwhere status = 'Running'`",
  "await sql`update task_executions t\nset reason = 'x', note = case when t.status = 'Failed' then '' end\nwhere t.reason_code = 'Lost'`",
  "checkMove('e', executionMoves, from, to)\nawait sql`update executions\nset status = ${to}\nwhere id = ${id}`",
  "await connection.updateTable('task_executions').set({ note, revision }).where('status', '=', 'Failed').execute()",
  "await connection.updateTable('instances').set({ status: 'x' }).execute()",
])('what only looks alike is allowed: %s', (body) => {
  expect(findUnguarded('src/store/task/allowed.ts', inFunction(body))).toEqual([])
})
