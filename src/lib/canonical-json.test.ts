import { assert, jsonValue, property } from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson, digestJson } from './canonical-json.ts'

test('the order of fields does not matter, the order of elements does', () => {
  expect(canonicalJson({ b: [1, { d: 1, c: 'x' }], a: null })).toBe('{"a":null,"b":[1,{"c":"x","d":1}]}')
  expect(digestJson({ a: 1, b: 2 })).toBe(digestJson({ b: 2, a: 1 }))
  expect(digestJson([1, 2])).not.toBe(digestJson([2, 1]))
})

test('the result is equivalent to JSON', () => {
  assert(
    property(jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
  expect(canonicalJson({ at: new Date(0), gone: undefined })).toBe('{"at":"1970-01-01T00:00:00.000Z"}')
})

test('values that JSON cannot represent are an error, not null', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 1n, () => 1, [undefined]])
    expect(() => canonicalJson(value)).toThrow(TypeError)
})
