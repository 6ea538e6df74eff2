import { expect, test } from 'vitest'
import { findArchMismatch } from './package-arch.ts'

test.each([
  ['amd64', 'x86_64', undefined],
  ['x86_64', 'x86_64', undefined],
  ['arm64', 'aarch64', undefined],
  ['aarch64', 'arm64', undefined],
  ['all', 'arm64', undefined],
  ['noarch', 'any', undefined],
  ['i386', 'x86_64', undefined],
  ['arm64', 'x86_64', 'the package is for arm64, but the configuration is for x86_64'],
  ['x64', 'arm64', 'the package is for x64, but the configuration is for arm64'],
  ['amd64', 'any', 'the package is for amd64 only, but the configuration is for any architecture; write arch: x86_64'],
])('a package for %s in a configuration for %s', (architecture, arch, mismatch) => {
  expect(findArchMismatch(architecture, arch)).toBe(mismatch)
})
