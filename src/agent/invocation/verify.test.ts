import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { appendFile, chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { renderEnglishReason } from '../../core/reason/english-reasons.ts'
import { systemClock } from '../../lib/clock.ts'
import type { InstallationMessage } from '../../protocol/agent-messages.ts'
import { createPlatform } from '../platform/create-platform.ts'
import type { StepError } from './step-error.ts'
import { verifyChecks } from './verify.ts'

type Check = InstallationMessage['configuration']['verify'][number]

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex')

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'chandler-verify-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** The result of one check; undefined if it passes. */
async function see(check: Partial<Check>): Promise<string | undefined> {
  const verification = {
    platform: createPlatform(),
    clock: systemClock,
    runScript: () => Promise.resolve(undefined),
    signal: new AbortController().signal,
  }
  const failure = await verifyChecks([{ withinMs: 0, ...check } as Check], verification).catch(
    (error: StepError) => error,
  )
  if (!failure) return undefined
  return renderEnglishReason(failure.reason).replace(/^The check .* did not hold within 0 s: /, '')
}

test('a file exists, with the required content', async () => {
  const folder = await makeFolder()
  const path = join(folder, 'file')
  expect(await see({ kind: 'file', path })).toBe('there is no such file.')
  expect(await see({ kind: 'file', path: join(path, 'below') })).toBe('there is no such file.')
  await writeFile(path, 'good', { mode: 0o644 })
  expect(await see({ kind: 'file', path })).toBeUndefined()
  expect(await see({ kind: 'file', path: `${path}/below` })).toBe('there is no such file.')
  expect(await see({ kind: 'file', path, sha256: digestOf('good') })).toBeUndefined()
  expect(await see({ kind: 'file', path, sha256: digestOf('bad') })).toBe(`its sha256 is ${digestOf('good')}.`)
  await writeFile(path, '')
  expect(await see({ kind: 'file', path, sha256: digestOf('') })).toBeUndefined()
})

test('the result does not reveal the content of a file that not everybody may read', async () => {
  const folder = await makeFolder()
  const path = join(folder, 'key')
  // No process can have this id: it is above the largest pid_max of Linux.
  await writeFile(path, '4194305', { mode: 0o600 })
  expect(await see({ kind: 'file', path, sha256: digestOf('4321') })).toBe('its sha256 is another.')
  expect(await see({ kind: 'process', pidFile: path })).toBe('process 4194305 does not run.')
  await writeFile(path, 'secret')
  expect(await see({ kind: 'process', pidFile: path })).toBe(`${path} holds no process id.`)
  await chmod(path, 0o644)
  expect(await see({ kind: 'process', pidFile: path })).toBe(`${path} ("secret") holds no process id.`)
  // The check follows the link.
  await chmod(path, 0o600)
  await symlink(path, join(folder, 'link'))
  expect(await see({ kind: 'file', path: join(folder, 'link'), sha256: digestOf('4321') })).toBe(
    'its sha256 is another.',
  )
})

test('special files are not read: neither pipes nor endless devices block', async () => {
  const folder = await makeFolder()
  const pipe = join(folder, 'pipe')
  execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', pipe])
  await mkdir(join(folder, 'directory'))
  await symlink('/dev/zero', join(folder, 'zero'))
  for (const path of [pipe, join(folder, 'directory'), '/dev/zero', join(folder, 'zero')]) {
    expect(await see({ kind: 'file', path, sha256: digestOf('') })).toBe('it is not a file.')
    expect(await see({ kind: 'process', pidFile: path })).toBe('it is not a file.')
    // Something exists, which is all that the check requires.
    expect(await see({ kind: 'file', path })).toBeUndefined()
  }
})

test('a file that grows while it is read has an end', async () => {
  const path = join(await makeFolder(), 'log')
  await writeFile(path, Buffer.alloc(8 * 1024 * 1024, 'x'), { mode: 0o644 })
  let isRead = false
  const write = async () => {
    while (!isRead) await appendFile(path, Buffer.alloc(1024 * 1024, 'x'))
  }
  const writing = write()
  expect(await see({ kind: 'file', path, sha256: digestOf('') })).toMatch(/^its sha256 is /)
  isRead = true
  await writing
})
