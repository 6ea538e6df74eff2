import { expect, test } from 'vitest'
import type { VersionView } from '../../../../../src/protocol/api/extensions.ts'
import { chooseVersion } from './choose-version.ts'

const version = (number: number, deprecated = false): VersionView => ({
  extension: 'demo',
  version: `v${number}`,
  versionDescription: '',
  deprecated,
  createdAt: '2026-01-01T00:00:00.000Z',
  scope: {},
  parameters: {},
  configurations: [],
})
const versions = [version(2), version(10, true), version(9), version(1)]
const labelOf = (label: string) => {
  const chosen = chooseVersion(versions, label)
  return 'version' in chosen ? chosen.version.version : chosen
}

test('without a label, the highest version that is not deprecated is chosen', () => {
  expect(labelOf('')).toBe('v9')
  expect(chooseVersion([version(1, true)], '')).toEqual({ problem: 'none' })
})

test('a label is accepted with and without v', () => {
  expect(labelOf('v2')).toBe('v2')
  expect(labelOf('1')).toBe('v1')
})

test('deprecated and unknown versions are reported', () => {
  expect(labelOf('v10')).toEqual({ problem: 'deprecated', label: 'v10' })
  expect(labelOf('3')).toEqual({ problem: 'unknown', label: 'v3' })
  expect(labelOf('latest')).toEqual({ problem: 'unknown', label: 'latest' })
})
