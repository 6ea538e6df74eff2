import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { removeLinuxTree } from './linux-tree.ts'

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'chandler-tree-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

test('removes a tree with links, odd names, closed directories and any depth; targets of links stay', async () => {
  const folder = makeFolder()
  const tree = join(folder, 'tree')
  mkdirSync(join(tree, 'closed', 'in'), { recursive: true })
  writeFileSync(join(folder, 'keep'), 'x')
  symlinkSync(folder, join(tree, 'out'))
  symlinkSync(join(folder, 'keep'), join(tree, 'file'))
  execFileSync('sh', ['-c', `printf x > "$(printf 'a\\nb\\377')"; chmod 000 closed; mkfifo pipe`], { cwd: tree })
  mkdirSync(join(tree, 'deep/'.repeat(300)), { recursive: true })
  await removeLinuxTree(tree)
  expect(existsSync(tree)).toBe(false)
  expect(readFileSync(join(folder, 'keep'), 'utf8')).toBe('x')
})

test('removes a link in its place without following it; a missing path is fine', async () => {
  const folder = makeFolder()
  mkdirSync(join(folder, 'other'))
  writeFileSync(join(folder, 'other', 'keep'), 'x')
  symlinkSync(join(folder, 'other'), join(folder, 'tree'))
  await removeLinuxTree(join(folder, 'tree'))
  await removeLinuxTree(join(folder, 'tree'))
  expect(existsSync(join(folder, 'tree'))).toBe(false)
  expect(readFileSync(join(folder, 'other', 'keep'), 'utf8')).toBe('x')
})
