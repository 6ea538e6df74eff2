import { expect, test } from 'vitest'
import { renderCsvRow } from './csv.ts'

test.each([
  [['a', 1, ''], 'a,1,\r\n'],
  [['a,b', 'say "x"', 'two\nlines'], '"a,b","say ""x""","two\nlines"\r\n'],
  [['=1+1', '+1', '-1', '@x', '\tx', -1], "'=1+1,'+1,'-1,'@x,'\tx,-1\r\n"],
  [['=a,b'], `"'=a,b"\r\n`],
  [['a=1'], 'a=1\r\n'],
] as const)('%j', (cells, row) => {
  expect(renderCsvRow(cells)).toBe(row)
})
