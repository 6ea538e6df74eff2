import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  choiceParameter,
  jsonParameter,
  listParameter,
  numberParameter,
  readUrlState,
  textParameter,
  writeUrlState,
} from './use-url-state.ts'

const schema = {
  find: textParameter(),
  page: numberParameter(1),
  tab: choiceParameter(['first', 'second'], 'first'),
  status: listParameter(),
  tokens: jsonParameter<readonly string[]>([], (value) =>
    Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : undefined,
  ),
}

test('written state is read back', () => {
  const word = fc.string({ unit: 'grapheme' })
  const state = fc.record({
    find: word,
    page: fc.nat(999_999_999),
    tab: fc.constantFrom('first' as const, 'second' as const),
    status: fc.array(word.filter((text) => text !== '' && !text.includes(','))),
    tokens: fc.array(word),
  })
  fc.assert(
    fc.property(state, (values) => {
      expect(readUrlState(schema, writeUrlState(schema, '', values))).toStrictEqual({ ...values })
    }),
  )
})

test.each([
  ['', {}],
  ['?page=two&tab=third&tokens={', {}],
  ['?page=-1&tokens=[1]', {}],
  ['?page=7&tab=second&status=a,,b', { page: 7, tab: 'second', status: ['a', 'b'] }],
])('%j: invalid values become defaults', (search, expected) => {
  const initial = { find: '', page: 1, tab: 'first', status: [], tokens: [] }
  expect(readUrlState(schema, search)).toEqual({ ...initial, ...expected })
})

test('defaults are omitted, and unknown parameters stay', () => {
  expect(writeUrlState(schema, '?other=1&page=3', { page: 1, find: 'a b' })).toBe('other=1&find=a+b')
})
