import { expect, test } from 'vitest'
import type { Gate } from './gate.ts'
import { parseGate, renderGate } from './parse-gate.ts'

const minute = 60_000
const day = 24 * 60 * minute

test.each<[string, Gate]>([
  ['soak:10m', { kind: 'soak', durationMs: 10 * minute }],
  ['soak:90s', { kind: 'soak', durationMs: 90_000 }],
  ['http:https://example.org/health', { kind: 'http', url: 'https://example.org/health', timeoutMs: 5 * minute }],
  ['http:http://10.0.0.1:8080/?a=b timeout=30s', { kind: 'http', url: 'http://10.0.0.1:8080/?a=b', timeoutMs: 30_000 }],
  [
    'prometheus:https://prom:9090?query=rate(errors{job="a b"}[5m]) > bool 0 < 0.01 timeout=1h',
    {
      kind: 'prometheus',
      url: 'https://prom:9090',
      query: 'rate(errors{job="a b"}[5m]) > bool 0',
      comparison: '<',
      threshold: 0.01,
      timeoutMs: 60 * minute,
    },
  ],
  [
    'prometheus:http://prom/prefix?query=up == 1',
    {
      kind: 'prometheus',
      url: 'http://prom/prefix',
      query: 'up',
      comparison: '==',
      threshold: 1,
      timeoutMs: 5 * minute,
    },
  ],
  ['approval:2', { kind: 'approval', count: 2, users: [], timeoutMs: 7 * day }],
  [
    'approval:2 by=alice role=sre,dba timeout=2h',
    { kind: 'approval', count: 2, users: ['alice'], roles: ['sre', 'dba'], timeoutMs: 120 * minute },
  ],
  [
    'approval:1 by=alice,bob timeout=2h',
    { kind: 'approval', count: 1, users: ['alice', 'bob'], timeoutMs: 120 * minute },
  ],
])('%s', (text, gate) => {
  expect(parseGate(text)).toEqual({ gate })
  expect(renderGate(gate)).toBe(text)
})

test.each([
  ['wait:10m', 'is none of'],
  ['', 'is none of'],
  ['soak:', 'needs a time'],
  ['soak:0s', 'needs a time'],
  ['soak:31d', 'needs a time'],
  ['http:ftp://example.org', 'begins with http'],
  ['http:https://', 'begins with http'],
  ['http:https://a b', 'begins with http'],
  ['http:https://user:secret@example.org/', 'credentials'],
  ['http:https://example.org timeout=1', 'timeout'],
  ['http:https://example.org by=alice', 'only approvals'],
  ['http:https://example.org role=sre', 'only approvals'],
  ['prometheus:https://prom', 'has no query'],
  ['prometheus:https://prom?query=up', 'comparison'],
  ['prometheus:https://prom?query=up < many', 'comparison'],
  ['approval:0', 'from 1 to 20'],
  ['approval:two', 'from 1 to 20'],
  ['approval:2 by=alice', 'names 1 users'],
  ['approval:2 by=alice,alice', 'names 1 users'],
  [`http:https://example.org/${'a'.repeat(5_000)}`, 'longer'],
])('%s is refused', (text, problem) => {
  expect(parseGate(text)).toEqual({ problem: expect.stringContaining(problem) })
})
