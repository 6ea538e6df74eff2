import { expect, test } from 'vitest'
import { findPolicyDifference } from './policy-difference.ts'

test('attaches and detaches only the difference', () => {
  expect(findPolicyDifference(['A', 'B'], ['B', 'C'])).toEqual({ attach: ['C'], detach: ['A'] })
  expect(findPolicyDifference(['A'], ['A'])).toEqual({ attach: [], detach: [] })
})
