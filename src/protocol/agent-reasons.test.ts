import { expect, test } from 'vitest'
import { reasonExamples } from '../../test/reason-examples.ts'
import { englishAgentReasons } from '../core/reason/english-agent-reasons.ts'
import { agentReasonSchema } from './agent-reasons.ts'

const codes = ['Text', ...Object.keys(englishAgentReasons)] as (keyof typeof reasonExamples)[]

test.each(codes)('a server reads %s of an agent as it was sent', (code) => {
  const reason = [{ code, arguments: reasonExamples[code] }]
  expect(agentReasonSchema.parse(JSON.parse(JSON.stringify(reason)))).toEqual(reason)
})

test.each([
  ['a code of a later agent', [{ code: 'OfLater', arguments: {} }]],
  ['a code of servers', [{ code: 'Paused', arguments: {} }]],
  ['a property of every object', [{ code: 'toString', arguments: {} }]],
  ['other arguments', [{ code: 'Installed', arguments: { version: 'v1' } }]],
  ['missing arguments', [{ code: 'InterruptedCompleted', arguments: {} }]],
  ['further arguments', [{ code: 'CommandSucceeded', arguments: { x: 'y'.repeat(9_000) } }]],
  ['a text that is too long', [{ code: 'ScriptSaid', arguments: { text: 'x'.repeat(1_025) } }]],
  ['too many messages', Array.from({ length: 33 }, () => ({ code: 'Rebooted', arguments: {} }))],
  ['no list', 'Installed v1.'],
])('%s: the English text counts instead', (_, sent) => {
  expect(agentReasonSchema.parse(sent)).toBeUndefined()
})
