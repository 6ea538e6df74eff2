import { expect, test } from 'vitest'
import { describeBuildError } from './describe-build-error.ts'

test.each([
  [
    'Build failed with 1 error:\n\n\u001B[31m[UNHANDLEABLE_ERROR] \u001B[0mSomething went wrong.\nCould not create directory: /x/unfinished\n\nCaused by:\n    Permission denied (os error 13)\n\nStack backtrace:\n   0: <unknown>\n',
    'Error: Build failed with 1 error: [UNHANDLEABLE_ERROR] Something went wrong. Could not create directory: /x/unfinished Caused by: Permission denied (os error 13)',
  ],
  ["EACCES: permission denied, mkdir '/x/unfinished'", "Error: EACCES: permission denied, mkdir '/x/unfinished'"],
  ["Cannot find package 'vite'", "Error: Cannot find package 'vite'"],
])('the cause of %j is on one line', (message, line) => {
  expect(describeBuildError(new Error(message))).toBe(line)
})
