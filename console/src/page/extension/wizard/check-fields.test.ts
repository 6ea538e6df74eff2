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
])('a check is the same after it was read and written: %o', (check) => {
  expect(writeCheck(readCheck(1, check))).toEqual(check)
  expect(findCheckProblems(readCheck(1, check))).toEqual([])
})

test('what is typed stays as it was typed, and says what is wrong with it', () => {
  const check = { ...makeCheck(1), kind: 'port' as const, subject: 'eighty', withinSeconds: 'soon' }
  expect(findCheckProblems(check)).toEqual([
    { field: 'subject', reason: 'notANumber' },
    { field: 'withinSeconds', reason: 'notANumber' },
  ])
  expect(findCheckProblems({ ...makeCheck(1), kind: 'http', subject: 'http://a/', detail: 'ok' })).toEqual([
    { field: 'detail', reason: 'notANumber' },
  ])
})

test('a check that looks at nothing is not finished; a process may be found by its PID file alone', () => {
  expect(findCheckProblems(makeCheck(1))).toEqual([{ field: 'subject', reason: 'checkMissing' }])
  expect(findCheckProblems({ ...makeCheck(1), detail: '/run/a.pid' })).toEqual([])
})

test('fields of a request stand in fields of the form', () => {
  expect(['withinMs', 'port', 'status', 'undefined'].map(checkFieldOf)).toEqual([
    'withinSeconds',
    'subject',
    'detail',
    'subject',
  ])
})
