import { expect, test } from 'vitest'
import { resourceNameOf } from './resource-name.ts'

test.each([
  ['oos:GetTemplate', 'template/demo', 'acs:oos:eu-1:acme:template/demo'],
  ['oos:ListTemplates', 'template/*', 'acs:oos:eu-1:acme:template/*'],
  ['ecs:DescribeInstances', 'instance/i-1', 'acs:ecs:eu-1:acme:instance/i-1'],
  ['chandler:ListAuditLog', 'audit-log', 'acs:chandler:eu-1:acme:audit-log'],
  // Without a region.
  ['ram:PassRole', 'role/web', 'acs:ram:*:acme:role/web'],
  ['oss:GetObject', 'releases/a:b.tar.gz', 'acs:oss:*:acme:releases/a:b.tar.gz'],
])('%s on %s', (action, relative, expected) => {
  expect(resourceNameOf(action, { region: 'eu-1', accountId: 'acme' }, relative)).toBe(expected)
})
