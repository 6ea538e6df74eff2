import { describe, expect, test } from 'vitest'
import { groupNamePattern, judgeGroupSize, parseGroupFilter } from './group.ts'

test.each([
  ['all', []],
  ['os=debian', [{ property: 'os', operator: '=', value: 'debian' }]],
])('the filter %j', (filter, tokens) => {
  expect(parseGroupFilter(filter)).toEqual({ tokens })
})

test.each([
  ['', 'has no condition'],
  [' ', 'says nothing'],
  [' , ', 'says nothing'],
  ['colour=red', 'is not one of'],
  ['all,os=debian', 'says nothing'],
])('the filter %j is refused: %s', (filter, part) => {
  const parsed = parseGroupFilter(filter)
  expect('problem' in parsed && parsed.problem).toContain(part)
})

test.each([
  ['web', true],
  ['eu-west.web_1', true],
  ['', false],
  ['-web', false],
  ['a,b', false],
  ['a/b', false],
  ['x'.repeat(65), false],
])('the name %j', (name, isValid) => {
  expect(groupNamePattern.test(name)).toBe(isValid)
})

describe('judgeGroupSize', () => {
  const size = (matching: number, total: number) => ({ matching, total })
  test.each([
    // A change of the size alone is the purpose of a dynamic group.
    [size(3, 10), size(9, 10), 'usual'],
    [size(9, 10), size(10, 10), 'everything'],
    [size(9, 10), size(0, 10), 'nothing'],
    [size(0, 10), size(0, 10), 'usual'],
    [size(0, 10), size(5, 10), 'usual'],
    [size(0, 10), size(10, 10), 'everything'],
    // A group of every instance remains one while the fleet grows.
    [size(10, 10), size(12, 12), 'usual'],
    [size(0, 0), size(12, 12), 'everything'],
    // The only instance of an account.
    [size(0, 0), size(1, 1), 'usual'],
  ])('known %j, now %j: %s', (known, now, judged) => {
    expect(judgeGroupSize(now, known)).toBe(judged)
  })
})
