import { expect, test } from 'vitest'
import { joinTokenInputSchema } from '../../../../../src/protocol/api/instances.ts'
import { data } from '../../../i18n/en/data.ts'
import { type EnrolmentTexts, emptyEnrolment, readEnrolment } from './read-enrolment.ts'

const readForm = (form: EnrolmentTexts) => readEnrolment(form, data.tags)

test('empty fields are omitted, and the server accepts the request', () => {
  expect(readForm(emptyEnrolment)).toEqual({
    input: { ttlMs: 3_600_000, uses: 1, tags: {}, resourceGroup: '', allowedTags: [], approve: false, install: [] },
  })
  const limits = { allowedTags: ' rack, ,zone,rack', approve: true, install: 'base, demo@v2,' }
  const read = readForm({ ttlMs: '86400000', uses: ' 12 ', tags: 'env=prod\n\n tier = a=b', group: ' shop ', limits })
  expect(read).toEqual({
    input: {
      ttlMs: 86_400_000,
      uses: 12,
      tags: { env: 'prod', tier: 'a=b' },
      resourceGroup: 'shop',
      allowedTags: ['rack', 'zone'],
      approve: true,
      install: [{ extension: 'base' }, { extension: 'demo', version: 'v2' }],
    },
  })
  expect('input' in read && joinTokenInputSchema.safeParse(read.input).success).toBe(true)
})

test('an empty number means no limit', () => {
  expect(readForm({ ...emptyEnrolment, uses: ' ' })).toMatchObject({ input: { uses: 'unlimited' } })
})

test.each(['0', '-1', '1.5', 'ten', '1000001', '1e3'])('%s is not a valid number of servers', (uses) => {
  expect(readForm({ ...emptyEnrolment, uses })).toEqual({ wrong: { uses: true, tags: false } })
})

test('problems of both fields are reported together', () => {
  expect(readForm({ ...emptyEnrolment, uses: 'x', tags: 'env=prod\nprod' })).toEqual({
    wrong: { uses: true, tags: true },
  })
})
