import { expect, test } from 'vitest'
import { chandlerError, type ErrorCode, errorCatalogue } from '../../../core/error/errors.ts'
import { oosErrorOf, oosErrors, ownCodes } from './error-codes.ts'

const codes = Object.keys(errorCatalogue) as ErrorCode[]

test('every catalogue code is either mapped to one of OOS or declared as our own, never both', () => {
  const decided = [...Object.keys(oosErrors), ...ownCodes]
  expect(decided.toSorted()).toEqual(codes.toSorted())
})

test('every code has the format of OOS and a matching status', () => {
  for (const { code, status } of Object.values(oosErrors)) {
    expect(code).toMatch(/^[A-Z][A-Za-z]+(\.[A-Z][A-Za-z]+)?$/)
    if (code.startsWith('EntityNotExists.')) expect([code, status]).toEqual([code, 404])
    expect(status, code).toBeGreaterThanOrEqual(400)
  }
})

test('ambiguous instance names and unapproved instances are invalid parameters', () => {
  expect(oosErrorOf(chandlerError('TargetsAmbiguous', { matches: 'web-1' }))).toEqual({
    code: 'InvalidParameter',
    status: 400,
  })
  expect(oosErrorOf(chandlerError('TargetsNotApproved', { instances: 'web-1' }))).toEqual({
    code: 'InvalidParameter',
    status: 400,
  })
})
