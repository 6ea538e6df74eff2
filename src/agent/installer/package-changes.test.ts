import { expect, test } from 'vitest'
import { describePackageChanges, parsePackages } from './package-changes.ts'

/** Lines of name and version, all installed. */
const list = (text: string) => parsePackages(text.replace(/^(?=\S)/gm, 'ii  '))

test('removed packages and leftover configuration files do not count as installed', () => {
  expect(parsePackages('ii  a 1\nrc  b 1\nun  c \niF  d 2\niHR e 3\nhi  f:amd64 4\n')).toEqual([
    { state: 'ii', name: 'a', version: '1' },
    { state: 'iF', name: 'd', version: '2' },
    { state: 'iHR', name: 'e', version: '3' },
    { state: 'hi', name: 'f:amd64', version: '4' },
  ])
})

test.each([
  ['nothing', 'a 1\nb 2\n', 'b 2\na 1\n', true, 'There was nothing to do.'],
  ['one more', 'a 1\n', 'a 1\nb 2\n', false, 'Installed b 2.'],
  ['one less', 'a 1\nb 2\n', 'b 2\n', false, 'Removed a 1.'],
  ['another version', 'a 1\n', 'a 2\n', false, 'Updated a from 1 to 2.'],
  ['all of it', 'a 1\nb 1\n', 'c 1\na 2\n', false, 'Installed c 1; updated a from 1 to 2; removed b 1.'],
  ['a second version', 'kernel 1\n', 'kernel 2\nkernel 1\n', false, 'Updated kernel from 1 to 1 and 2.'],
])('%s', (_, before, after, unchanged, said) => {
  expect(describePackageChanges(list(before), list(after))).toEqual({ unchanged, said })
})

test('many changes: the first are named and the rest is counted', () => {
  const after = Array.from({ length: 12 }, (_, index) => `p${index} 1\n`).join('')
  expect(describePackageChanges([], list(after)).said).toMatch(/^Installed p0 1, p1 1, .* and 2 more\.$/)
})
