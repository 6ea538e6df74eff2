import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseMinutes, renderMinutes, timeLimits } from './minutes.ts'

test.each([
  ['', undefined],
  [' ', undefined],
  ['20', 1_200_000],
  [' 1.5 ', 90_000],
  ['1440', 86_400_000],
  ['1441', null],
  ['0.1', null],
  ['-5', null],
  ['1e3', null],
  ['10m', null],
  ['ten', null],
])('%j is %s ms for a reboot', (text, timeoutMs) => {
  expect(parseMinutes('reboot', text)).toBe(timeoutMs)
})

test.each([
  ['', undefined],
  ['0.5', 30_000],
  ['4', 240_000],
  ['4.1', null],
  ['0', null],
])('%j is %s ms for an agent that connects', (text, timeoutMs) => {
  expect(parseMinutes('connect', text)).toBe(timeoutMs)
})

test.each(['reboot', 'connect'] as const)(
  'every time limit of a %s that the server accepts survives its text',
  (limit) => {
    const { minMs, maxMs } = timeLimits[limit]
    fc.assert(
      fc.property(fc.integer({ min: minMs, max: maxMs }), (timeoutMs) => {
        expect(parseMinutes(limit, renderMinutes(timeoutMs))).toBe(timeoutMs)
      }),
    )
  },
)
