import { chmod, chown, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findBlockingFolder } from './database-user.ts'

test('the first folder that a user may not traverse is found by owner, group and mode', async ({ skip }) => {
  skip(process.getuid?.() !== 0, 'only for root is PostgreSQL another user')
  const user = { name: 'other', uid: 54_321, gid: 54_321 }
  const folder = await mkdtemp(join(tmpdir(), 'chandler-user-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const outer = join(folder, 'outer')
  const inner = join(outer, 'inner')
  await mkdir(inner, { recursive: true })
  for (const path of [folder, outer, inner]) await chmod(path, 0o755)
  expect(await findBlockingFolder(inner, user)).toBeUndefined()
  await chmod(inner, 0o700)
  expect(await findBlockingFolder(inner, user)).toBe(inner)
  await chmod(outer, 0o700)
  expect(await findBlockingFolder(inner, user)).toBe(outer)
  await chown(outer, user.uid, 0)
  await chown(inner, 0, user.gid)
  await chmod(inner, 0o710)
  expect(await findBlockingFolder(inner, user)).toBeUndefined()
})
