import { expect, test } from 'vitest'
import { nameSystem } from './name-system.ts'

test.each([
  ['Debian GNU/Linux 12 (bookworm)', 'Debian 12'],
  ['Ubuntu 24.04.1 LTS', 'Ubuntu 24.04.1 LTS'],
  ['Rocky Linux 9.4 (Blue Onyx)', 'Rocky Linux 9.4'],
  ['Alibaba Cloud Linux 3 (Soaring Falcon)', 'Alibaba Cloud Linux 3'],
  ['openSUSE Leap 15.6', 'openSUSE Leap 15.6'],
  ['', 'debian 12'],
])('%j is displayed as %s', (name, expected) => {
  expect(nameSystem({ name, id: 'debian', version: '12' })).toBe(expected)
})

test('an unknown version leaves no trailing space', () => {
  expect(nameSystem({ name: '', id: 'arch', version: '' })).toBe('arch')
})
