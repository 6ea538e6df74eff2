// Reason: a test that belongs to no suite never runs, one that belongs to two runs twice, and a suite that neither
// `npm test` nor a script of its own names is forgotten. The documentation names the suites that exist.
import { matchesGlob } from 'node:path'
import { expect, test } from 'vitest'
import config from '../../vitest.config.ts'
import { listProjectFiles, readProjectFile } from './project-files.ts'

interface Suite {
  readonly name: string
  readonly include: readonly string[]
  readonly exclude?: readonly string[]
}

const suites = (config.test?.projects ?? []).map((project) => (project as { test: Suite }).test)
const { scripts } = JSON.parse(readProjectFile('package.json')) as { scripts: Record<string, string> }

const isIn = (path: string, { include, exclude = [] }: Suite) =>
  include.some((glob) => matchesGlob(path, glob)) && !exclude.some((glob) => matchesGlob(path, glob))

/** Test files that are in no suite or in several. */
function findMisplaced(paths: readonly string[], all: readonly Suite[]): string[] {
  return paths.flatMap((path) => {
    const names = all.filter((suite) => isIn(path, suite)).map(({ name }) => name)
    return names.length === 1 ? [] : [`${path}: ${names.join(', ') || 'no suite'}`]
  })
}

/** Suites that `npm test` leaves out and that no script of their own runs, and names that are no suite. */
function findForgotten(names: readonly string[], commands: Readonly<Record<string, string>>): string[] {
  const leftOut = [...(commands['test'] ?? '').matchAll(/--project '!([a-z]+)'/g)].map(([, name]) => name as string)
  return leftOut.filter((name) => !names.includes(name) || commands[`test:${name}`] !== `vitest run --project ${name}`)
}

test('each test file is in one suite', () => {
  const found = findMisplaced(
    listProjectFiles().filter((path) => path.endsWith('.test.ts')),
    suites,
  )
  expect(found, 'vitest.config.ts defines which folders a suite has').toEqual([])
  const planted = [
    { name: 'one', include: ['test/**/*.test.ts'], exclude: ['test/b/*.test.ts'] },
    { name: 'two', include: ['test/{a,c}/*.test.ts'] },
  ]
  expect(findMisplaced(['test/x.test.ts', 'test/a/x.test.ts', 'test/b/x.test.ts'], planted)).toEqual([
    'test/a/x.test.ts: one, two',
    'test/b/x.test.ts: no suite',
  ])
})

test('a script runs each suite that `npm test` leaves out', () => {
  const names = suites.map(({ name }) => name)
  expect(findForgotten(names, scripts), 'add a script `test:NAME` to package.json').toEqual([])
  const planted = {
    test: `vitest run --project '!a' --project '!b' --project '!c'`,
    'test:a': 'vitest run --project a',
  }
  expect(findForgotten(['a', 'b'], planted)).toEqual(['b', 'c'])
})

test('CI runs every suite', () => {
  expect(readProjectFile('.ci/run')).toContain('npm run check')
  expect(scripts['check']).toBe('node scripts/check.ts')
  // Without a choice of projects, vitest runs all of them.
  expect(readProjectFile('scripts/check.ts')).toContain(`tests: ['vitest', 'run', ...process.argv.slice(2)]`)
})

test('CONTRIBUTING.md names every suite', () => {
  const page = readProjectFile('CONTRIBUTING.md')
  expect(suites.map(({ name }) => name).filter((name) => !page.includes(`\`${name}\``))).toEqual([])
})
