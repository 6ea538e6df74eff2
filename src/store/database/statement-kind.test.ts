import { expect, test } from 'vitest'
import { findStatementKind } from './statement-kind.ts'

test.each([
  ['select 1', 'select'],
  ['\n    select id from executions where id = $1 for update', 'select'],
  ['select id from executions for no key update skip locked', 'select'],
  ['with open as (select 1) select * from open', 'select'],
  ['with before as (select 1 for update), moved as (update t set a = 1 returning a) select * from moved', 'update'],
  ['-- delete from nothing\n insert into a values (1) on conflict (a) do update set b = 2', 'insert'],
  ['DELETE FROM a', 'delete'],
  ['select updated_at, "update_count" from a', 'select'],
  ['create temporary table a (b text)', 'other'],
])('%s is %s', (text, kind) => {
  expect(findStatementKind(text)).toBe(kind)
  expect(findStatementKind(text), 'known by then').toBe(kind)
})
