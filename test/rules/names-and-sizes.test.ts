// Reason: a file with one purpose has a descriptive name and a readable size. A catch-all (utils,
// common, …) has neither, so everything gets added to it. Sizes are reported; only extreme ones
// fail.
import { basename, dirname } from 'node:path'
import { expect, test } from 'vitest'
import { isCode, isTest, listProjectFiles, listSourceFiles, readProjectFile } from './project-files.ts'

const maxLines = 500
const maxFilesInFolder = 25
const drawers = ['utils', 'util', 'common', 'commons', 'helpers', 'helper', 'types', 'type', 'misc', 'shared', 'stuff']

/**
 * Lower case words joined by hyphens, then extensions: `start-execution.test.ts`,
 * `0001-initial.sql`.
 */
const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/

function findBadNames(path: string): string[] {
  const segments = path.split('/')
  return segments.flatMap((segment) => {
    if (!kebabCase.test(segment)) return [`${path}: "${segment}" is not kebab-case`]
    if (drawers.includes(segment.split('.')[0] as string))
      return [`${path}: "${segment}" is a drawer; name it after what it holds`]
    return []
  })
}

const countLines = (text: string) => text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
const isOurs = (path: string) => /^(src|console|test|scripts|bin)\//.test(path)

test('files and folders have kebab-case names that describe them', () => {
  const found = listProjectFiles().filter(isOurs).flatMap(findBadNames)
  expect(found, 'rename it after its one main export').toEqual([])
})

/**
 * Folders with more files than a newcomer can survey; does not count tests, scenarios and
 * migrations.
 */
function findCrowdedFolders(paths: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const path of paths.filter((path) => isOurs(path) && isCode(path) && !/\.(test|shot)\.tsx?$/.test(path)))
    counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1)
  return [...counts].filter(([, count]) => count > maxFilesInFolder).map(([folder, count]) => `${folder}: ${count}`)
}

test(`no folder has more than ${maxFilesInFolder} source files side by side`, () => {
  const found = findCrowdedFolders(listProjectFiles())
  expect(found, 'group its files by what they are about (ARCHITECTURE.md shows the nouns)').toEqual([])
  const planted = Array.from({ length: maxFilesInFolder + 1 }, (_, index) => `src/core/plan/part-${index}.ts`)
  expect(findCrowdedFolders(planted)).toEqual([`src/core/plan: ${maxFilesInFolder + 1}`])
  expect(findCrowdedFolders(planted.slice(1))).toEqual([])
})

test(`no file is longer than ${maxLines} lines`, () => {
  const found = listProjectFiles()
    .filter((path) => isOurs(path) && (isCode(path) || path.endsWith('.sql')))
    .map((path) => ({ path, lines: countLines(readProjectFile(path)) }))
    .filter(({ lines }) => lines > maxLines)
  expect(found, 'nobody reads a file of this length: find the two things that it does').toEqual([])
})

test('sizes are reported', () => {
  const measure = (name: string, paths: string[]) => {
    const sizes = paths
      .map((path) => ({ path, lines: countLines(readProjectFile(path)) }))
      .sort((a, b) => a.lines - b.lines)
    const at = (part: number) => sizes[Math.min(sizes.length - 1, Math.floor(sizes.length * part))]
    const total = sizes.reduce((sum, { lines }) => sum + lines, 0)
    return `${name}: ${sizes.length} files, ${total} lines, median ${at(0.5)?.lines}, p95 ${at(0.95)?.lines}, longest ${at(1)?.lines} (${basename(at(1)?.path ?? '')})`
  }
  const source = listSourceFiles()
  expect(source.length).toBeGreaterThan(0)
  console.log(
    `${measure('source', source)}\n${measure(
      'tests',
      listProjectFiles().filter((path) => isTest(path) && isCode(path)),
    )}`,
  )
})

test.each([
  'src/core/Plan.ts',
  'src/core/rate_control.ts',
  'src/server/rateControl/plan.ts',
  'src/lib/utils.ts',
  'src/helpers/clock.ts',
  'src/core/types.ts',
  'src/lib/common.test.ts',
])('finds a planted name: %s', (path) => {
  expect(findBadNames(path)).toHaveLength(1)
})

test.each([
  'src/core/rate-control.test.ts',
  'src/store/migrations/0001-initial.sql',
  'src/core/tsconfig.json',
  'src/server/api/events.ts',
])('allowed: %s', (path) => {
  expect(findBadNames(path)).toEqual([])
})
