import { expect, test } from 'vitest'
import { z } from 'zod'
import { readExitCode } from './windows-host.ts'

test.each([
  [0, 0],
  [3010, 3010],
  [70_000, 70_000],
  [0x7fffffff, 2_147_483_647],
  [0xc0000005, -1_073_741_819],
  [0xffffffff, -1],
])('the exit code %d is %d, which fits into the message to the server', (code, expected) => {
  expect(readExitCode(code)).toBe(expected)
  expect(z.int32().safeParse(readExitCode(code)).success).toBe(true)
})
