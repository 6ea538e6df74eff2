import { describe, expect, test } from 'vitest'
import { parseTargetList } from './target-list.ts'

const a = 'i-aaaaaaaaaaaaaaaa'
const b = 'i-bbbbbbbbbbbbbbbb'

describe('ids', () => {
  test.each([
    ['one on each line', `${a}\n${b}\n`],
    [
      'with a heading, more columns, Windows line ends, a byte order mark',
      `\uFEFFId,name\r\n"${a}",web\r\n${b},db\r\n`,
    ],
    ['semicolons', `id;name\n${a};"web; 1"\n${b};db`],
    ['cells of several lines', `id,parameters\n${a},"motd=one\ntwo, ""three"""\n${b},""\n`],
    ['one twice, and empty lines', `\n${a}\n\n${b}\n${a}`],
  ])('%s', (_, text) => {
    expect(parseTargetList(text)).toEqual({ targets: { kind: 'ids', ids: [a, b] } })
  })
})

test('names, including quoted ones', () => {
  expect(parseTargetList('name\nweb-1\n"say ""hi"", all"\n')).toEqual({
    targets: { kind: 'names', names: ['web-1', 'say "hi", all'] },
  })
})

test.each(['', '\n \n', 'id\n'])('%j names nobody', (text) => {
  expect(parseTargetList(text)).toEqual({ problem: 'empty' })
})

test('line numbers count the lines of multi-line cells before', () => {
  expect(parseTargetList(`id,note\n${a},"1\n2"\nweb-1`)).toMatchObject({ problem: 'mixed', line: 4 })
})

test.each([
  ['that is not closed', `id\n${a}\n"web-1\n`, 3],
  ['before more text', `"${a}" b,c\n${b}\n`, 1],
])('a quotation mark %s is reported with the line of its row', (_, text, line) => {
  expect(parseTargetList(text)).toEqual({ problem: 'quotes', line })
})

test('a mixed list of ids and names is refused where the mix starts', () => {
  expect(parseTargetList(`id\n${a}\nweb-1\n`)).toEqual({ problem: 'mixed', line: 3, entry: 'web-1', first: a })
})
