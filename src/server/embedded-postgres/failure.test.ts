import { expect, test } from 'vitest'
import { explainFailure } from './failure.ts'

test.each([
  ['initdb: error: could not write to file "x": No space left on device', 'disk is full'],
  ['initdb: could not look up effective user ID 54321: user does not exist', '/etc/passwd'],
  ["postgres: /lib/libc.so.6: version `GLIBC_2.27' not found", 'glibc 2.27'],
  ['FATAL:  data directory "x" has wrong ownership', 'belong to another user'],
  ['FATAL:  could not create shared memory segment', 'shared memory'],
])('%s', (line, remedy) => {
  const { message } = explainFailure('It failed', '/data', ['before', line])
  expect(message).toContain(remedy)
  expect(message).toContain(line)
  expect(message).toMatch(/^It failed \(\/data\)\. /)
})

test('an unknown failure is passed on with its last lines', () => {
  const output = Array.from({ length: 30 }, (_, index) => `line ${index}`)
  expect(explainFailure('It failed', '/data', output).message).toBe(
    `It failed (/data). Last output of PostgreSQL:\n  ${output.slice(-8).join('\n  ')}`,
  )
})
