import { expect, test } from 'vitest'
import { absenceMs, presenceEveryMs, reconnectGraceMs } from '../limits.ts'
import { deadlineAfterAbsence, isAbsence, mayJudgeSilence } from './absence.ts'

const hour = 3_600_000

test('time without any server does not count', () => {
  expect(deadlineAfterAbsence(10 * hour, { gapMs: 2 * hour, now: 5 * hour })).toBe(12 * hour)
})

test('agents can report before anything is given up', () => {
  expect(deadlineAfterAbsence(4 * hour, { gapMs: 60_000, now: 5 * hour })).toBe(5 * hour + reconnectGraceMs)
})

test('a clock that was set back moves deadlines with it', () => {
  expect(deadlineAfterAbsence(10 * hour, { gapMs: -2 * hour, now: 7 * hour })).toBe(8 * hour)
})

test('running servers are never absent; a starting server uses a shorter threshold', () => {
  expect(isAbsence(presenceEveryMs, false)).toBe(false)
  expect(isAbsence(presenceEveryMs, true)).toBe(false)
  expect(isAbsence(absenceMs - 1, true)).toBe(true)
  expect(isAbsence(absenceMs + 1, false)).toBe(true)
  expect(isAbsence(-absenceMs - 1, false)).toBe(true)
})

test('after an absence silence is not judged before the deadlines were moved', () => {
  expect(mayJudgeSilence(0, presenceEveryMs)).toBe(true)
  expect(mayJudgeSilence(0, absenceMs + 1)).toBe(false)
  expect(mayJudgeSilence(absenceMs + 1, 0)).toBe(false)
})
