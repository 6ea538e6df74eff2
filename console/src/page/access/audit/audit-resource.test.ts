import { expect, test } from 'vitest'
import { findResourcePage, renderAuditDetail } from './audit-resource.ts'

test.each([
  ['extension/demo', '/extensions/demo'],
  ['user/ci', '/access?tab=users&selected=ci'],
  ['execution/exec-1', '/executions/exec-1'],
  ['extension/a b', '/extensions/a%20b'],
  ['artifact/abc', undefined],
  ['toString/x', undefined],
  ['instance/', undefined],
  ['', undefined],
])('resource %j links to %j', (resource, page) => {
  expect(findResourcePage(resource)).toBe(page)
})

test('details are formatted on one line', () => {
  expect(renderAuditDetail({ userName: 'ci', force: true, policies: ['A'] })).toBe(
    'userName: ci, force: true, policies: ["A"]',
  )
  expect(renderAuditDetail({})).toBe('')
})
