import { expect, test } from 'vitest'
import type { OperationRequest } from '../operation.ts'
import { hideSecrets, keepSecrets } from './requested-secrets.ts'

const one = (parameters: Record<string, string>): OperationRequest => ({
  kind: 'extension',
  action: 'install',
  extension: 'demo',
  parameters,
})
const several = (parameters: Record<string, string>): OperationRequest => ({
  kind: 'extensions',
  action: 'install',
  extensions: [
    { extension: 'base', parameters: { token: 'open here' } },
    { extension: 'demo', parameters },
  ],
})

test.each([one, several])('secret values are hidden, and only those of their extension', (make) => {
  expect(hideSecrets(make({ port: '1', token: 'hidden' }), { demo: ['token'] })).toEqual(make({ port: '1' }))
  expect(hideSecrets(make({ port: '1' }), {})).toEqual(make({ port: '1' }))
})

test.each([one, several])('absent secret values remain, given ones replace them, open ones do not return', (make) => {
  const before = { request: make({ port: '1', token: 'old' }), secrets: { demo: ['token'] } }
  expect(keepSecrets(make({}), before)).toEqual(make({ token: 'old' }))
  expect(keepSecrets(make({ token: 'new' }), before)).toEqual(make({ token: 'new' }))
})

test('a request of another kind keeps nothing', () => {
  const upgrade: OperationRequest = { kind: 'agentUpgrade', connectTimeoutMs: 1 }
  expect(keepSecrets(upgrade, { request: one({ token: 'x' }), secrets: { demo: ['token'] } })).toEqual(upgrade)
  expect(hideSecrets(upgrade, { demo: ['token'] })).toEqual(upgrade)
})
