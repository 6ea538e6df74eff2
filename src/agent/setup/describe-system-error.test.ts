import { copyFile, mkdir, readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { describeSystemError } from './describe-system-error.ts'

const errorOf = (doing: Promise<unknown>) =>
  doing.then(
    () => undefined,
    (error: unknown) => error,
  )

test('the path that is written and the cause, which comes last', async () => {
  expect(describeSystemError(await errorOf(copyFile('/proc/version', '/proc/nowhere/file')))).toBe(
    'copyfile /proc/nowhere/file: no such file or directory (ENOENT)',
  )
  expect(describeSystemError(await errorOf(mkdir('/proc/version/folder')))).toBe(
    'mkdir /proc/version/folder: not a directory (ENOTDIR)',
  )
})

test('an error without a path, or of another kind, is its message', async () => {
  const error = await errorOf(readFile(-1 as unknown as string))
  expect(describeSystemError(error)).toBe((error as Error).message)
  expect(describeSystemError(new Error('no agent'))).toBe('no agent')
  expect(describeSystemError('plain')).toBe('plain')
})
