import { expect, test } from 'vitest'
import { findProgressRank, openInvocationStates, progressRound } from './invocation.ts'

test('a state is further than all states before it, and than every state before the last reboot', () => {
  const round = ['rebooting', ...openInvocationStates.filter((state) => state !== 'rebooting')] as const
  const ranks = [0, 1, 2].flatMap((reboots) => round.map((state) => findProgressRank(state, reboots)))
  expect(ranks).toEqual(ranks.toSorted((a, b) => a - b))
  expect(new Set(ranks).size).toBe(ranks.length)
  expect(progressRound).toBeGreaterThan(openInvocationStates.length + 1)
})
