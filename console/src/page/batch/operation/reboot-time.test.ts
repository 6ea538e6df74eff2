import fc from 'fast-check'
import { expect, test } from 'vitest'
import { maxRebootTimeoutMs, minRebootTimeoutMs } from '../../../../../src/core/limits.ts'
import { parseRebootMinutes, renderRebootMinutes } from './reboot-time.ts'

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
])('%j is %s ms', (text, timeoutMs) => {
  expect(parseRebootMinutes(text)).toBe(timeoutMs)
})

test('every time limit that the server accepts survives its text', () => {
  fc.assert(
    fc.property(fc.integer({ min: minRebootTimeoutMs, max: maxRebootTimeoutMs }), (timeoutMs) => {
      expect(parseRebootMinutes(renderRebootMinutes(timeoutMs))).toBe(timeoutMs)
    }),
  )
})
