import { expect, test } from 'vitest'
import { decideApprovalTerms, type PlanApproval, refuseSigning } from './plan-approval.ts'

const clock = { now: 1_000, defaultValidityMs: 500 }
const published = { keys: [{ name: 'bob', publicKey: 'key b' }], threshold: 2, operations: ['command' as const] }

test.each([
  ['neither asks', undefined, undefined, undefined],
  ['the request asks', { signatures: 1 }, undefined, { threshold: 1, signed: 0, expiresAt: 1_500 }],
  ['the trust file asks', undefined, published, { threshold: 2, signed: 0, expiresAt: 1_500, keys: published.keys }],
  ['the request asks for fewer', { signatures: 1, validForMs: 9 }, published, { threshold: 2, expiresAt: 1_009 }],
  ['the request asks for more', { signatures: 3 }, published, { threshold: 3 }],
  ['the trust file asks for other work', undefined, { ...published, operations: ['extension' as const] }, undefined],
  ['the trust file asks for all work', undefined, { ...published, operations: undefined }, { threshold: 2 }],
])('the terms when %s', (_, request, rule, expected) => {
  const terms = decideApprovalTerms('command', request, rule, clock)
  if (expected) expect(terms).toMatchObject(expected)
  else expect(terms).toBeUndefined()
})

const approval: PlanApproval = { threshold: 2, signed: 1, expiresAt: 2_000, keys: published.keys }
const signing = { publicKey: 'key b', earlier: [] as string[], hasEnded: false, now: 1_999 }

test.each([
  ['accepted', approval, {}, undefined],
  ['by any key without a published rule', { ...approval, keys: undefined }, { publicKey: 'key x' }, undefined],
  ['without a plan', undefined, {}, 'NothingToSign'],
  ['after the end', approval, { hasEnded: true }, 'Ended'],
  ['at the expiry', approval, { now: 2_000 }, 'Expired'],
  ['by another key', approval, { publicKey: 'key x' }, 'NoApprover'],
  ['again', approval, { earlier: ['key b'] }, 'SignedAlready'],
])('a signature %s', (_, of, more, expected) => {
  expect(refuseSigning(of, { ...signing, ...more })).toBe(expected)
})
