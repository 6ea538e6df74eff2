import { expect, test } from 'vitest'
import { gatherProblems, placeOf, stepOf } from './place-problems.ts'

test.each([
  [[], 'basic'],
  [['name'], 'name'],
  [['unheard-of'], 'basic'],
  [['scope'], 'scope'],
  [['scope', 'platforms', 1, 'versions'], 'scope.platforms.1.versions'],
  [['scope', 'platforms', 1], 'scope.platforms.1.id'],
  [['parameters', 'port', 'min'], 'parameters.1.min'],
  [['parameters', 'port'], 'parameters.1.name'],
  [['parameters', 'gone'], 'parameters'],
  [['configurations'], 'configurations'],
  [['configurations', 0], 'configurations.0'],
  [['configurations', 0, 'artifact', 'sha256'], 'configurations.0.artifact'],
  [['configurations', 0, 'platforms', 2, 'id'], 'configurations.0.platforms.2.id'],
  [['configurations', 0, 'scripts', 'install'], 'configurations.0.scripts.install'],
  [['configurations', 0, 'scripts'], 'configurations.0.scripts'],
  [['configurations', 0, 'verify', 3, 'port'], 'configurations.0.verify.3.subject'],
  [['configurations', 0, 'run', 'runAs'], 'configurations.0.run.runAs'],
  [['configurations', 0, 'run'], 'configurations.0'],
])('%j appears at %s', (path, place) => expect(placeOf(path, ['host', 'port'])).toBe(place))

test('places map to steps', () => {
  expect(['name', 'parameters.0.name', 'configurations', 'configurations.0.os'].map(stepOf)).toEqual([
    'basic',
    'basic',
    'configurations',
    'configurations',
  ])
})

test('problems that the form reports itself appear once, and those of a script individually', () => {
  const error = { severity: 'error' as const }
  const found = gatherProblems(
    [
      { ...error, path: ['name'], message: 'is empty' },
      { ...error, path: ['configurations', 0, 'scripts', 'install'], message: 'one', line: 1 },
      { ...error, path: ['configurations', 0, 'scripts', 'install'], message: 'two', line: 2 },
    ],
    [],
    [{ ...error, place: 'name', message: 'Give it a name' }],
  )
  expect(found.get('name')).toEqual([{ ...error, message: 'Give it a name' }])
  expect(found.get('configurations.0.scripts.install')).toHaveLength(2)
})
