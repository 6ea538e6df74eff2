import { execFileSync, spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { OperatorError } from '../../lib/operator-error.ts'
import { openStateDirectory } from './state-directory.ts'

let folder: string
let state: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chandler-state-'))
  state = join(folder, 'a', 'b')
})
afterEach(() => rm(folder, { recursive: true }))

/** Processes of the test: id to identity. */
const processes = (identities: Record<number, string>) => ({ identifyProcess: (pid: number) => identities[pid] })
const me = processes({ [process.pid]: 'me' })

test('creates the directory if missing, and other users can neither list nor change it', async () => {
  const directory = await openStateDirectory(state, me)
  expect((await stat(state)).mode & 0o777).toBe(0o711)
  expect(await readdir(state)).toEqual(['agent.lock'])
  await directory.release()
  expect(await readdir(state)).toEqual([])
})

test('a second agent is refused while the first one lives, naming its process', async () => {
  const first = await openStateDirectory(state, me)
  const second = openStateDirectory(state, me)
  await expect(second).rejects.toThrow(OperatorError)
  await expect(second).rejects.toThrow(`another agent (process ${process.pid}) uses the state directory ${state}`)
  await first.release()
  await (await openStateDirectory(state, me)).release()
})

test.each([
  ['of a process that is gone', JSON.stringify({ pid: 4_194_305, identity: 'x' })],
  ['of a process whose id is somebody else’s now', JSON.stringify({ pid: 1, identity: 'the one before' })],
  ['cut short by a power cut', '{"pid":1'],
  ['that is empty', ''],
])('a lock %s is taken over, and nothing is left of it', async (_, content) => {
  await mkdir(state, { recursive: true, mode: 0o700 })
  await writeFile(join(state, 'agent.lock'), content)
  const directory = await openStateDirectory(state, processes({ [process.pid]: 'me', 1: 'init' }))
  expect(await readdir(state)).toEqual(['agent.lock'])
  expect(JSON.parse(await readFile(join(state, 'agent.lock'), 'utf8'))).toEqual({ pid: process.pid, identity: 'me' })
  await directory.release()
})

test('of many agents that find the same stale lock, one gets the directory', async () => {
  await mkdir(state, { recursive: true, mode: 0o700 })
  for (let round = 0; round < 20; round++) {
    await writeFile(join(state, 'agent.lock'), '')
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => openStateDirectory(state, me)))
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await readdir(state)).toEqual(['agent.lock'])
  }
})

test('an agent does not release the lock of the one that took over', async () => {
  const first = await openStateDirectory(state, me)
  await writeFile(join(state, 'agent.lock'), '{"pid":1,"identity":"other"}')
  await first.release()
  expect(await readdir(state)).toEqual(['agent.lock'])
})

test('its own directory is closed to others; one that contains other files is refused', async () => {
  await mkdir(state, { recursive: true })
  await chmod(state, 0o777)
  await (await openStateDirectory(state, me)).release()
  expect((await stat(state)).mode & 0o777).toBe(0o711)
  await chmod(state, 0o755)
  await writeFile(join(state, 'photo.jpg'), '')
  await expect(openStateDirectory(state, me)).rejects.toThrow(/contains files that are not the agent's/)
  expect((await stat(state)).mode & 0o777).toBe(0o755)
})

test('an impossible path is named with its reason', async () => {
  await writeFile(join(folder, 'file'), '')
  await expect(openStateDirectory(join(folder, 'file'), me)).rejects.toThrow(
    /cannot use .*file as the state directory: .*EEXIST/,
  )
  await expect(openStateDirectory(join(folder, 'file', 'x'), me)).rejects.toThrow(/ENOTDIR/)
})

test('the lock of a killed process is free at once', async () => {
  const child = spawn('sleep', ['60'])
  const alive = processes({ [process.pid]: 'me', [child.pid as number]: 'sleeper' })
  await mkdir(state, { recursive: true, mode: 0o700 })
  await writeFile(join(state, 'agent.lock'), JSON.stringify({ pid: child.pid, identity: 'sleeper' }))
  await expect(openStateDirectory(state, alive)).rejects.toThrow(`process ${child.pid}`)
  const gone = new Promise((resolve) => child.on('exit', resolve))
  child.kill('SIGKILL')
  await gone
  await (await openStateDirectory(state, me)).release()
})

test('on a full disk the lock needs no space, and works like any other', async ({ skip }) => {
  skip(process.getuid?.() !== 0, 'only root may mount a small disk to fill')
  await mkdir(state, { recursive: true, mode: 0o711 })
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=711', 'tmpfs', state])
  try {
    // The state that a killed agent leaves.
    await writeFile(join(state, 'agent.lock'), '{"pid":4194305,"identity":"x"}')
    execFileSync('sh', ['-c', `dd if=/dev/zero of=${state}/filler bs=4096 2>/dev/null || true`])
    const full = processes({ [process.pid]: `${process.pid}@1@boot` })
    await expect(writeFile(join(state, 'more'), 'x')).rejects.toThrow('ENOSPC')
    const directory = await openStateDirectory(state, full)
    await expect(openStateDirectory(state, full)).rejects.toThrow(`another agent (process ${process.pid})`)
    await directory.release()
    expect(await readdir(state)).not.toContain('agent.lock')
  } finally {
    execFileSync('umount', ['-l', state])
  }
})
