import { expect, test } from 'vitest'
import { isAgentOutgrown } from './agent-memory.ts'

const limits = { growthBytes: 10, idleMs: 1_000 }
const outgrown = { rssBytes: 111, restBytes: 100, openInvocations: 0, idleMs: 1_000 }

test.each([
  ['an idle agent that has grown', {}, true],
  ['an agent that has grown as far as allowed', { rssBytes: 110 }, false],
  ['an agent with an invocation', { openInvocations: 1 }, false],
  ['an agent that was busy a moment ago', { idleMs: 999 }, false],
  ['an agent that has never been connected', { restBytes: undefined }, false],
  ['an agent of a large runtime', { rssBytes: 500, restBytes: 495 }, false],
])('%s', (_, given, expected) => {
  expect(isAgentOutgrown({ ...outgrown, ...given }, limits)).toBe(expected)
})
