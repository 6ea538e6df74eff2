import { expect, test } from 'vitest'
import { absenceMs, presenceEveryMs, reconnectGraceMs } from '../limits.ts'
import { deadlineAfterAbsence, isAbsence, mayJudgeSilence } from './absence.ts'

const hour = 3_600_000

test('time in which no server was there does not count', () => {
  expect(deadlineAfterAbsence(10 * hour, { gapMs: 2 * hour, now: 5 * hour })).toBe(12 * hour)
})

test('agents are heard before anything is given up', () => {
  expect(deadlineAfterAbsence(4 * hour, { gapMs: 60_000, now: 5 * hour })).toBe(5 * hour + reconnectGraceMs)
})

test('a clock that was set back takes deadlines with it', () => {
  expect(deadlineAfterAbsence(10 * hour, { gapMs: -2 * hour, now: 7 * hour })).toBe(8 * hour)
})

test('servers that are there are never absent; a server that starts looks closer', () => {
  expect(isAbsence(presenceEveryMs, false)).toBe(false)
  expect(isAbsence(presenceEveryMs, true)).toBe(false)
  expect(isAbsence(absenceMs - 1, true)).toBe(true)
  expect(isAbsence(absenceMs + 1, false)).toBe(true)
  expect(isAbsence(-absenceMs - 1, false)).toBe(true)
})

test('after an absence nobody judges silence before it is dealt with', () => {
  expect(mayJudgeSilence(0, presenceEveryMs)).toBe(true)
  expect(mayJudgeSilence(0, absenceMs + 1)).toBe(false)
  expect(mayJudgeSilence(absenceMs + 1, 0)).toBe(false)
})
