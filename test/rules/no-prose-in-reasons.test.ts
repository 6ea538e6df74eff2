// Reason: a sentence inside a reason is stored and shown in the language of the code that wrote it.
// A reason is a code with arguments (core/reason/reason.ts); catalogues render it at the edge. Only
// text that earlier releases wrote, and causes that agents quote, are arguments. A StepError of an
// agent becomes the reason of a task.
import { expect, test } from 'vitest'
import { listSourceFiles, readProjectFile } from './project-files.ts'
import { nameOf, parseSource, placeOf, type SyntaxNode, textOfTemplate, walkTree } from './syntax-tree.ts'

/** Files that may make a reason of a text, and whose text it is. */
const textSources: Readonly<Record<string, string>> = {
  'src/core/reason/reason.ts': 'defines it',
  'src/core/reason/read-reason.ts': 'rows of earlier releases',
  'src/core/plan/stored-plan.ts': 'plans of earlier releases',
  'src/server/gateway/to-report.ts': 'the reports of agents of earlier releases',
  'src/agent/state/journal.ts': 'journals of earlier releases',
  'src/agent/installer/judge-package-end.ts': 'what a package manager refused or changed',
}

/** Two words with a space between them. */
const isSentence = (text: string) => /[A-Za-z]{2,},? [a-z]{2,}/.test(text)

const textOf = (node: SyntaxNode): string | undefined => {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value
  return node.type === 'TemplateLiteral' ? textOfTemplate(node) : undefined
}

function findTexts(path: string, source: string): string[] {
  const tree = parseSource(path, source)
  const found: string[] = []
  walkTree(tree.root, (node, ancestors) => {
    const callee = node.type === 'CallExpression' ? nameOf(node.callee) : undefined
    if (callee === 'makeTextReason' && !(path in textSources))
      found.push(`${placeOf(tree, node)} makes a reason of a text`)
    const text = textOf(node)
    const isArgument = ancestors.some(
      (ancestor) =>
        (ancestor.type === 'CallExpression' && nameOf(ancestor.callee) === 'makeReason') ||
        (ancestor.type === 'NewExpression' && nameOf(ancestor.callee) === 'StepError'),
    )
    if (text !== undefined && isArgument && isSentence(text))
      found.push(`${placeOf(tree, node)} has the text "${text}"`)
  })
  return found
}

test('reasons have no sentences', () => {
  const found = listSourceFiles()
    .filter((path) => path.startsWith('src/') && !path.endsWith('.test.ts'))
    .flatMap((path) => findTexts(path, readProjectFile(path)))
  expect(found, 'add a code with arguments: CONTRIBUTING.md, a reason').toEqual([])
})

test('every exception is used', () => {
  const unused = Object.keys(textSources).filter((path) => !readProjectFile(path).includes('makeTextReason'))
  expect(unused).toEqual([])
})

test.each([
  "const reason = makeTextReason('not installed')",
  "const reason = makeReason('HandOutFailed', { error: 'it is not there' })",
  "const reason = makeReason('HandOutFailed', { error: `no package ${name} is there` })",
  "throw new StepError('Unsupported', 'it is not there')",
  "throw new StepError('DiskFull', `${what} needs some room`)",
])('a planted sentence is found: %s', (source) => {
  expect(findTexts('src/server/app/planted.ts', source)).toHaveLength(1)
})

test.each(["makeReason('Text', { text })", "makeReason('LateAnswer', { state: 'timedOut' })"])(
  'codes and values are allowed: %s',
  (source) => {
    expect(findTexts('src/server/app/allowed.ts', source)).toEqual([])
  },
)
