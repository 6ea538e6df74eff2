import { expect, test } from 'vitest'
import { renderCsvRows } from './csv.ts'

test.each([
  [['a', 1, ''], 'a,1,\r\n'],
  [['a,b', 'say "x"', 'two\nlines', 'a\rb'], '"a,b","say ""x""","two\nlines","a\rb"\r\n'],
  [['=1+1', '+1', '-1', '@x', '\tx', -1, 0], `"'=1+1","'+1","'-1","'@x","'\tx",-1,0\r\n`],
  [['\r=1', '＝1+1', '＋1', '－1', '＠x'], `"'\r=1","'＝1+1","'＋1","'－1","'＠x"\r\n`],
  [['=1+1\nand more', '=a,b'], `"'=1+1\nand more","'=a,b"\r\n`],
  [['a=1'], 'a=1\r\n'],
] as const)('%j', (cells, row) => {
  expect(renderCsvRows([cells])).toBe(row)
})

test('every row has a line end, and no rows give empty text', () => {
  expect(renderCsvRows([['a'], ['b', 2]])).toBe('a\r\nb,2\r\n')
  expect(renderCsvRows([])).toBe('')
})
