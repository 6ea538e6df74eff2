import { describe, expect, test } from 'vitest'
import { assignmentNamePattern, contradicts, outranks } from './assignment.ts'

describe('outranks', () => {
  const one = { id: 'a', priority: 1, createdAtMs: 5 }
  test.each([
    [one, { ...one, id: 'b', priority: 0 }, true],
    [one, { ...one, id: 'b', priority: 2 }, false],
    [one, { ...one, id: 'b', createdAtMs: 6 }, true],
    [one, { ...one, id: 'b', createdAtMs: 4 }, false],
    [one, { ...one, id: 'b' }, true],
  ])('%j before %j: %s', (first, second, result) => {
    expect(outranks(first, second)).toBe(result)
    // Exactly one of two counts.
    expect(outranks(second, first)).toBe(!result)
  })
})

describe('contradicts', () => {
  const one = { extension: 'demo', version: 'v1', parameters: { port: 1 } }
  test.each([
    [one, one, false],
    [one, { ...one, version: 'v2' }, true],
    [one, { ...one, version: undefined }, true],
    [one, { ...one, extension: 'other', version: 'v2' }, false],
    [one, { ...one, parameters: { port: 2 } }, true],
    [one, { ...one, parameters: { tls: true } }, false],
    [one, { ...one, parameters: {} }, false],
  ])('%j and %j: %s', (first, second, result) => {
    expect(contradicts(first, second)).toBe(result)
    expect(contradicts(second, first)).toBe(result)
  })
})

test.each([
  ['demo-on-web', true],
  ['a.b_c', true],
  ['', false],
  ['a b', false],
  ['a/b', false],
])('the name %j', (name, isValid) => {
  expect(assignmentNamePattern.test(name)).toBe(isValid)
})
