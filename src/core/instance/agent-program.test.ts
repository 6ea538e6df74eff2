import { expect, test } from 'vitest'
import { compareAgentVersions, isAgentProgram, nameAgentProgram, versionOfAgentProgram } from './agent-program.ts'

const sha256 = '3f2a91c04b7d'.padEnd(64, '0')

test('a program is named after its version and its digest', () => {
  expect(nameAgentProgram('0.2.0', { sha256 })).toBe('0.2.0-3f2a91c04b7d')
  expect(nameAgentProgram('1.0.0-rc.1', { sha256 })).toBe('1.0.0-rc.1-3f2a91c04b7d')
  expect(versionOfAgentProgram('1.0.0-rc.1-3f2a91c04b7d')).toBe('1.0.0-rc.1')
})

test.each([
  '',
  '0.2.0',
  '..-3f2a91c04b7d',
  '0/../x-3f2a91c04b7d',
  '0.2.0-3F2A91C04B7D',
  '0.2.0-3f2a91c04b7d\n',
  '0 -3f2a91c04b7d',
])('%j is not the name of a program', (name) => {
  expect(isAgentProgram(name)).toBe(false)
  expect(versionOfAgentProgram(name)).toBeUndefined()
})

test.each([
  ['0.2.0', '0.10.0', -1],
  ['1.0.0', '0.9.9', 1],
  ['0.2.0', '0.2.0', 0],
  ['0.2.0-rc.1', '0.2.0', 0],
  ['1', '1.0.0', 0],
  ['x.y', '1.0.0', 0],
])('%s compared with %s', (a, b, sign) => {
  expect(Math.sign(compareAgentVersions(a, b))).toBe(sign)
  expect(Math.sign(compareAgentVersions(b, a)) + sign).toBe(0)
})
