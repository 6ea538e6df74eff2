import { expect, test } from 'vitest'
import { parseOsRelease } from './os-release.ts'

test.each([
  ['ID=debian', 'debian'],
  ['ID="ubuntu"', 'ubuntu'],
  ["ID='alinux'", 'alinux'],
  ['  ID=rocky  ', 'rocky'],
  ['# ID=no\nID=yes', 'yes'],
  ['ID=""', ''],
  ['ID="a \\"b\\" \\$c \\\\"', 'a "b" $c \\'],
  ["ID='\\n'", '\\n'],
  ['ID="', '"'],
])('%j', (text, id) => {
  expect(parseOsRelease(text).get('ID')).toBe(id)
})

test('parses a whole file, including Windows line ends and meaningless lines', () => {
  const text =
    'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\r\nVERSION_ID="12"\r\n\r\nnonsense\n=x\nANSI_COLOR="0;31"\nVARIANT="a=b"\n'
  expect([...parseOsRelease(text)]).toEqual([
    ['PRETTY_NAME', 'Debian GNU/Linux 12 (bookworm)'],
    ['VERSION_ID', '12'],
    ['ANSI_COLOR', '0;31'],
    ['VARIANT', 'a=b'],
  ])
})
