import { expect, test } from 'vitest'
import type { TestModule } from 'vitest/node'
import { countRun, renderClosingLine } from './closing-line-reporter.ts'

/** The parts of a test module that the reporter reads. */
const makeModule = (states: string[], errors = { module: 0, suite: 0 }) =>
  ({
    errors: () => Array(errors.module).fill({}),
    children: {
      allTests: () => states.map((state) => ({ result: () => ({ state }) })),
      allSuites: () => [{ errors: () => Array(errors.suite).fill({}) }],
    },
  }) as unknown as TestModule

test('the closing line has a machine-readable format', () => {
  expect(renderClosingLine({ passed: 12, failed: 0, skipped: 0 })).toBe('12 passed, 0 failed')
  expect(renderClosingLine({ passed: 12, failed: 1, skipped: 2 })).toBe('12 passed, 1 failed, 2 skipped')
})

test.each([
  ['tests by state', [makeModule(['passed', 'failed', 'skipped']), makeModule(['passed'])], 0, [2, 1, 1]],
  ['a file that does not load', [makeModule([], { module: 1, suite: 0 })], 0, [0, 1, 0]],
  ['a hook that throws', [makeModule(['skipped'], { module: 0, suite: 1 })], 0, [0, 1, 1]],
  ['an error nobody caught', [makeModule(['passed'])], 1, [1, 1, 0]],
  ['a test that never ended', [makeModule(['pending'])], 0, [0, 1, 0]],
])('counts %s', (_name, modules, unhandled, [passed, failed, skipped]) => {
  expect(countRun(modules, unhandled)).toEqual({ passed, failed, skipped })
})
