// Reason: a dependency outlives the decision for it. Its line documents why it is here and what it
// was measured against, so that a replacement can start from evidence. The last test checks that
// the project's pinned Node.js runs.
import { expect, test } from 'vitest'
import { readProjectFile } from './project-files.ts'

const page = 'docs/dependencies.md'
const own = JSON.parse(readProjectFile('package.json')) as Record<
  'dependencies' | 'devDependencies' | 'optionalDependencies',
  Record<string, string>
>

test(`${page} has one line, with a reason, for every dependency`, () => {
  const lines = readProjectFile(page)
    .split('\n')
    .filter((line) => line.startsWith('- '))
  const described = lines.flatMap((line) => /^- `([^`]+)`: \S.{15,}/.exec(line)?.[1] ?? `unreadable: ${line}`)
  const named = Object.keys({ ...own.dependencies, ...own.devDependencies, ...own.optionalDependencies })
  expect(
    described.toSorted(),
    `write "- \`name\`: reason and evidence" in ${page}; remove the line of one that is gone`,
  ).toEqual(named.toSorted())
})

test('the tests run on the pinned Node.js', ({ skip }) => {
  skip(process.platform !== 'linux', 'no Node.js is pinned for other platforms')
  expect(process.versions.node, 'start them with npm, which finds the project’s own Node.js first').toBe(
    own.optionalDependencies[`node-${process.platform}-${process.arch}`],
  )
})
