import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type PlanReasonCode, summarizePlan } from '../plan/plan.ts'
import { renderEnglishReason } from '../reason/english-reasons.ts'
import { announceVerdict } from './announce-verdict.ts'

const stepOf: Readonly<Record<PlanReasonCode, 'install' | 'none' | 'skip'>> = {
  Planned: 'install',
  AlreadyAsWanted: 'none',
  NotInScope: 'skip',
  NoConfiguration: 'skip',
  NotInstalled: 'skip',
  Offline: 'skip',
  ParametersUnfit: 'skip',
  ChangedSince: 'skip',
  Quarantined: 'skip',
  UserNotPermitted: 'skip',
}
const summarize = (codes: readonly PlanReasonCode[]) =>
  summarizePlan(codes.map((reasonCode) => ({ step: stepOf[reasonCode], reasonCode })))

const announcements: Readonly<Record<string, { codes: PlanReasonCode[]; strict?: boolean; expected: string }>> = {
  All_work: {
    codes: ['Planned', 'AlreadyAsWanted'],
    expected: 'Success AllSucceeded: 1 succeeded, 1 already as wanted',
  },
  One_left_out: {
    codes: ['Planned', 'NotInScope'],
    expected: 'Success TargetsLeftOut: 1 succeeded, 1 left out (NotInScope 1)',
  },
  One_left_out_strictly: {
    codes: ['Planned', 'Offline'],
    strict: true,
    expected: 'Failed TargetsSkipped: 1 succeeded, 1 left out (Offline 1)',
  },
  Update_where_some_have_it: {
    codes: ['Planned', 'NotInstalled', 'NotInstalled'],
    expected: 'Success TargetsLeftOut: 1 succeeded, 2 not installed',
  },
  Update_where_none_has_it: { codes: ['NotInstalled'], expected: 'Success NothingToDo: 1 not installed' },
  For_none_of_them: { codes: ['NotInScope'], expected: 'Failed TargetsSkipped: 1 left out (NotInScope 1)' },
}

test.each(Object.entries(announcements))('%s', (_, { codes, strict = false, expected }) => {
  const { status, reasonCode, reason } = announceVerdict(summarize(codes), strict)
  expect(`${status} ${reasonCode}: ${renderEnglishReason(reason)}`).toBe(expected)
})

test('strict announces Success exactly if all targets will be as requested', () => {
  const codes = fc.array(fc.constantFrom(...(Object.keys(stepOf) as PlanReasonCode[])))
  fc.assert(
    fc.property(codes, (some) => {
      const perfect = some.every((code) => stepOf[code] !== 'skip')
      expect(announceVerdict(summarize(some), true).status === 'Success').toBe(perfect)
    }),
  )
})
