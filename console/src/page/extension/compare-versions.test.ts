import { expect, test } from 'vitest'
import type { VersionView } from '../../../../src/protocol/api/extensions.ts'
import { compareVersions } from './compare-versions.ts'

const version = (label: string, install: string, description = 'same'): VersionView => ({
  extension: 'demo',
  version: label,
  versionDescription: description,
  deprecated: false,
  createdAt: '2026-01-01T00:00:00Z',
  scope: {},
  parameters: {},
  configurations: [
    {
      id: 'c1',
      os: 'linux',
      arch: 'any',
      scripts: { install },
      verify: [],
      run: { timeoutMs: 1_000, unpack: false, keepWorkspace: 'never' },
    },
  ],
})

test('only changes are shown, by script and line', () => {
  expect(compareVersions(version('v1', 'a\nb\nc\n'), version('v2', 'a\nB\nc\n'))).toEqual([
    {
      title: { configuration: 'linux any (c1)', script: 'install' },
      lines: [
        { kind: 'same', text: 'a' },
        { kind: 'removed', text: 'b' },
        { kind: 'added', text: 'B' },
        { kind: 'same', text: 'c' },
      ],
    },
  ])
})

test('the declaration is a separate section; equal versions have no differences', () => {
  const [section, ...others] = compareVersions(version('v1', 'a'), version('v2', 'a', 'another'))
  expect([section?.title, others]).toEqual([{}, []])
  expect(section?.lines.filter(({ kind }) => kind !== 'same').map(({ text }) => text.trim())).toEqual([
    '"versionDescription": "same",',
    '"versionDescription": "another",',
  ])
  expect(compareVersions(version('v1', 'a'), version('v2', 'a'))).toEqual([])
})
