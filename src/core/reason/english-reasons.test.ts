import { describe, expect, test } from 'vitest'
import { reasonCodes, reasonExamples, watchArguments } from '../../../test/reason-examples.ts'
import { englishReasons, renderEnglishReason } from './english-reasons.ts'
import { makeReason, makeTextReason, type ReasonMessageCode } from './reason.ts'
import { findReasonCodes, isKnownReason, renderReason } from './render-reason.ts'

test.each(reasonCodes)('%s has an English text that uses exactly its arguments', (code) => {
  const { values, read } = watchArguments(reasonExamples[code])
  const text = (englishReasons[code] as (of: object) => string)(values)
  expect(text).not.toBe('')
  expect(text).not.toMatch(/undefined|\[object/)
  expect([...read].sort()).toEqual(Object.keys(reasonExamples[code]).sort())
})

test('the catalogue has no text beyond the codes', () => {
  expect(Object.keys(englishReasons).sort()).toEqual([...reasonCodes].sort())
})

test('messages are joined as sentences, and as clauses where the first is no sentence', () => {
  const parts = makeReason('Part', { number: 2, count: 3, extension: 'demo' })
  expect(renderEnglishReason([...parts, ...makeReason('CancelledBeforeStart')])).toBe(
    'Part 2 of 3, demo: Cancelled before it started.',
  )
  expect(renderEnglishReason([...makeTextReason('one'), ...makeTextReason('two')])).toBe('one; two')
  expect(renderEnglishReason([])).toBe('')
  expect(makeTextReason('')).toEqual([])
})

test('a message of a later release is its code, and is not known', () => {
  const later = [...makeReason('Paused'), { code: 'OfLater', arguments: { n: 1 } }]
  expect(isKnownReason(englishReasons, later)).toBe(false)
  expect(isKnownReason(englishReasons, [{ code: 'toString', arguments: {} }])).toBe(false)
  expect(isKnownReason(englishReasons, makeReason('Paused'))).toBe(true)
  expect(renderReason(englishReasons, later)).toBe('Paused; resume it to continue. OfLater')
})

describe('messages are found by a part of their text, whatever their arguments are', () => {
  test.each<[string, readonly ReasonMessageCode[]]>([
    ['delivery TIMEOUT', ['DeliveryTimedOut']],
    ['is changing the same', ['WaitsForExecution']],
    ['exec-7', []],
    ['0', []],
  ])('%s', (part, codes) => {
    expect(findReasonCodes(englishReasons, part)).toEqual(codes)
  })
})
