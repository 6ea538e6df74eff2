import { expect, test } from 'vitest'
import { findTokenStatus } from './token-status.ts'

const at = '2026-01-01T00:00:00Z'
const token = {
  id: 't',
  expiresAt: at,
  createdAt: at,
  tags: {},
  resourceGroup: '',
  role: 'r',
  allowedTags: [],
  approve: false,
  install: [],
}

test.each([
  ['active', { uses: 2, usesLeft: 1 }, -1],
  ['active', {}, -1],
  ['usedUp', { uses: 2, usesLeft: 0 }, -1],
  ['expired', { uses: 2, usesLeft: 0 }, 0],
  ['expired', {}, 1],
] as const)('%s: %j at %d ms after its end', (status, uses, afterMs) => {
  expect(findTokenStatus({ ...token, ...uses }, Date.parse(at) + afterMs)).toBe(status)
})
