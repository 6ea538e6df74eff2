import fc from 'fast-check'
import { expect, test } from 'vitest'
import { alignLogs, foldSame } from './align-logs.ts'

test('differences are aligned at their position', () => {
  const rows = alignLogs(['a', 'b', 'c'], ['a', 'x', 'c'], { isLoose: false })
  expect(rows?.map(({ kind, text }) => `${kind} ${text}`)).toEqual(['same a', 'left b', 'right x', 'same c'])
  expect(rows?.map(({ leftNumber, rightNumber }) => [leftNumber, rightNumber])).toEqual([
    [1, 1],
    [2, undefined],
    [undefined, 2],
    [3, 3],
  ])
})

test('differences in times, numbers and paths are ignored on request', () => {
  const left = ['10:01:02 took 15 ms', 'in /srv/ann/x.log']
  const right = ['11:59:00 took 7 ms', 'in /srv/bob/y.log']
  expect(alignLogs(left, right, { isLoose: true })?.every(({ kind }) => kind === 'same')).toBe(true)
  expect(alignLogs(left, right, { isLoose: false })?.some(({ kind }) => kind === 'same')).toBe(false)
})

test('both sides are complete and in order for any input', () => {
  const lines = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 30 })
  fc.assert(
    fc.property(lines, lines, (left, right) => {
      const rows = alignLogs(left, right, { isLoose: false }) ?? []
      expect(rows.filter(({ kind }) => kind !== 'right').map(({ text }) => text)).toEqual(left)
      expect(rows.filter(({ kind }) => kind !== 'left').map(({ text }) => text)).toEqual(right)
    }),
  )
})

test('identical lines are collapsed except near differences', () => {
  const same = Array.from({ length: 20 }, (_, place) => `line ${place}`)
  const rows = alignLogs(same, [...same.slice(0, 10), 'other', ...same.slice(10)], { isLoose: false }) ?? []
  const shown = foldSame(rows)
  expect(shown.map((row) => (row.kind === 'folded' ? row.count : row.kind))).toEqual([
    7,
    'same',
    'same',
    'same',
    'right',
    'same',
    'same',
    'same',
    7,
  ])
  const [first] = shown
  expect(first?.kind === 'folded' && foldSame(rows, new Set([first.firstRow]))).toHaveLength(10 + 1 + 3 + 1)
})
