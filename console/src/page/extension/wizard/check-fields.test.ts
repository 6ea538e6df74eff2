import { expect, test } from 'vitest'
import type { VerifyCheck } from '../../../../../src/core/extension/extension.ts'
import { checkFieldOf, findCheckProblems, makeCheck, readCheck, writeCheck } from './check-fields.ts'

test.each<VerifyCheck>([
  { kind: 'process', withinMs: 30_000, name: 'nginx', pidFile: '/run/nginx.pid' },
  { kind: 'process', withinMs: 500, pidFile: '/run/nginx.pid' },
  { kind: 'port', withinMs: 0, port: 8080, host: '127.0.0.1' },
  { kind: 'file', withinMs: 1_000, path: '/opt/app' },
  { kind: 'http', withinMs: 1_500, url: 'http://localhost/', status: 204 },
  { kind: 'package', withinMs: 1_000, name: 'jre' },
  { kind: 'script', withinMs: 1_000, script: '  exit 0\n' },
])('a check survives conversion to fields and back: %o', (check) => {
  expect(writeCheck(readCheck(1, check))).toEqual(check)
  expect(findCheckProblems(readCheck(1, check))).toEqual([])
})

test('input stays as typed, with its problem', () => {
  const check = { ...makeCheck(1), kind: 'port' as const, subject: 'eighty', withinSeconds: 'soon' }
  expect(findCheckProblems(check)).toEqual([
    { field: 'subject', reason: 'notANumber' },
    { field: 'withinSeconds', reason: 'notANumber' },
  ])
  expect(findCheckProblems({ ...makeCheck(1), kind: 'http', subject: 'http://a/', detail: 'ok' })).toEqual([
    { field: 'detail', reason: 'notANumber' },
  ])
})

test('a check without a subject is incomplete; a process check may have only a PID file', () => {
  expect(findCheckProblems(makeCheck(1))).toEqual([{ field: 'subject', reason: 'checkMissing' }])
  expect(findCheckProblems({ ...makeCheck(1), detail: '/run/a.pid' })).toEqual([])
})

test('request fields map to form fields', () => {
  expect(['withinMs', 'port', 'status', 'undefined'].map(checkFieldOf)).toEqual([
    'withinSeconds',
    'subject',
    'detail',
    'subject',
  ])
})
