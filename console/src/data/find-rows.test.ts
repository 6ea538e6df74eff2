import { expect, test } from 'vitest'
import { findRows, rowsPerPage } from './find-rows.ts'

const all = Array.from({ length: rowsPerPage + 2 }, (_, index) => ({ name: `User-${index}`, age: -index }))
const how = {
  textOf: ({ name }: { name: string }) => name,
  comparators: { age: (one: { age: number }, other: { age: number }) => one.age - other.age },
}
const find = (query: Partial<Parameters<typeof findRows>[1]>) =>
  findRows(all, { find: '', sort: '', page: 1, ...query }, how)

test('finds rows by part of their text, ignoring case', () => {
  expect(find({ find: ' uSER-2' }).items.map(({ name }) => name)).toEqual([
    'User-2',
    ...Array.from({ length: 7 }, (_, index) => `User-2${index}`),
  ])
  expect(find({ find: 'nobody' })).toEqual({ items: [], matchCount: 0, page: 1, pageCount: 1 })
})

test('sorts in both directions; ignores unknown columns', () => {
  expect(find({ sort: 'age' }).items[0]).toEqual(all.at(-1))
  expect(find({ sort: '-age' }).items[0]).toEqual(all[0])
  expect(find({ sort: 'toString' }).items[0]).toEqual(all[0])
})

test('returns a page; a page beyond the end is the last one', () => {
  expect(find({ page: 2 })).toMatchObject({ matchCount: rowsPerPage + 2, page: 2, pageCount: 2 })
  expect(find({ page: 2 }).items).toHaveLength(2)
  expect(find({ page: 9 }).page).toBe(2)
  expect(find({ page: 0 }).page).toBe(1)
})
