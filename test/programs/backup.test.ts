/** docs/backup.md, with the embedded PostgreSQL: a data directory is copied, lost, restored. */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCli } from '../../src/cli/run-cli.ts'
import { sha256Of } from '../../src/lib/digest.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { readServerConfig } from '../../src/server/boot/settings/config.ts'
import { startServer } from '../../src/server/boot/start-server.ts'
import { findDatabaseEnvironment } from '../integration/database/database-user.ts'
import { makeCliContext } from '../make-cli-context.ts'

const run = promisify(execFile)
let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chandler-backup-'))
  // PostgreSQL runs as another user if the test runs as root, and needs to enter this folder.
  await chmod(directory, 0o755)
})
afterEach(() => rm(directory, { recursive: true }))

test('a data directory that was copied while the server was stopped is a complete backup', async () => {
  const data = join(directory, 'data')
  const backup = join(directory, 'backup.tar.gz')
  const config = readServerConfig({ data, listen: '127.0.0.1:0' }, await findDatabaseEnvironment())
  const content = randomBytes(1_000_000)
  const sha256 = sha256Of(content)

  const first = await startServer(config, silentLogger)
  const { id, secret } = first.accessKey ?? { id: '', secret: '' }
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
  const ask = (url: string, path: string, options: RequestInit = {}) =>
    fetch(`${url}/api/v1${path}`, { ...options, headers: { authorization, ...options.headers } })
  try {
    expect((await ask(first.url, '/artifacts', { method: 'PUT', body: content })).status).toBe(200)
    const created = await ask(first.url, '/extensions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        name: 'kept',
        configurations: [
          {
            os: 'linux',
            artifact: { sha256, fileName: 'kept.bin', kind: 'file' },
            scripts: { install: '#!/bin/sh\n' },
          },
        ],
      }),
    })
    expect(await created.json()).toEqual({ name: 'kept', version: 'v1' })
  } finally {
    await first.close()
  }
  const page = await readFile(new URL('../../docs/backup.md', import.meta.url), 'utf8')
  /** The commands of the page, for this folder. */
  const follow = async (command: RegExp) => {
    const [line] = page.split('\n').filter((each) => command.test(each))
    const [program = '', ...args] = (line ?? '').replace('# ', '').split(' ')
    const places: Record<string, string> = { '/var/lib': directory, 'chandler-backup.tar.gz': backup, chandler: 'data' }
    const key = join(directory, 'secret.key')
    await run(
      program,
      args.map((word) =>
        (places[word] ?? word)
          .replace('/somewhere/else/secret.key', key)
          .replace(/^\/somewhere\/else\/$/, key)
          .replace('/var/lib/chandler/', `${data}/`)
          .replaceAll("'", '')
          .replace('=chandler/', '=data/'),
      ),
    )
  }
  // As `rekey` keeps it.
  await writeFile(join(data, 'secret.key.until-20260101T000000Z'), 'the old key')
  await follow(/^# tar .*-cpzf/)
  await follow(/^# install .*secret\.key \/somewhere/)
  const { stdout: archived } = await run('tar', ['-tzf', backup])
  expect(archived, 'a key opens what is sealed in the archive').not.toContain('secret.key')
  expect(archived.split('\n')).toContain('data/postgres.json')
  await rm(data, { recursive: true })
  await follow(/^# tar .*-xpzf/)
  await follow(/^# install .*secret\.key \/var/)

  const restored = await startServer(config, silentLogger)
  try {
    expect(restored.accessKey, 'the access key of before, not a new one').toBeUndefined()
    const version = await ask(restored.url, '/extensions/kept/versions/v1')
    expect(await version.json()).toMatchObject({ configurations: [{ artifact: { sha256, sizeBytes: 1_000_000 } }] })
    expect((await ask(restored.url, `/artifacts/${sha256}`, { method: 'HEAD' })).status).toBe(200)
  } finally {
    await restored.close()
  }
})

test('chandler server backup and restore: the key is separate, and a wrong one leaves nothing behind', async () => {
  const data = join(directory, 'data')
  const archive = join(directory, 'backup.tar.gz')
  const key = join(directory, 'secret.key')
  const settings = join(directory, 'chandler.yaml')
  const { CHANDLER_DATABASE_USER: user } = await findDatabaseEnvironment()
  await writeFile(settings, user === undefined ? '' : `databaseUser: ${user}\n`)
  const chandler = async (...args: string[]) => {
    const { context, printed } = makeCliContext()
    return { code: await runCli(context, ['server', ...args, '--config', settings, '--data', data]), ...printed }
  }
  const config = readServerConfig({ config: settings, data, listen: '127.0.0.1:0' }, {})
  const content = randomBytes(100_000)
  const sha256 = sha256Of(content)
  const ask = (url: string, path: string, options: RequestInit = {}) =>
    fetch(`${url}/api/v1${path}`, { ...options, headers: { authorization, ...options.headers } })

  const first = await startServer(config, silentLogger)
  const { id, secret } = first.accessKey ?? { id: '', secret: '' }
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
  try {
    expect((await ask(first.url, '/artifacts', { method: 'PUT', body: content })).status).toBe(200)
    const running = await chandler('backup', '--output', archive)
    expect(running).toMatchObject({ code: 1, err: expect.stringContaining('is in use by another Chandler server') })
  } finally {
    await first.close()
  }
  expect(await chandler('backup', '--output', archive)).toMatchObject({ code: 0 })
  expect((await stat(archive)).mode & 0o777).toBe(0o600)
  const { stdout } = await run('tar', ['-tzf', archive])
  expect(stdout).not.toContain('secret.key')
  expect(stdout.trimEnd().split('\n').at(-1)).toBe('data-directory.json')
  const again = await chandler('backup', '--output', archive)
  expect(again).toMatchObject({ code: 1, err: expect.stringContaining('EEXIST') })

  await rename(join(data, 'secret.key'), key)
  const occupied = await chandler('restore', archive, '--secret-key', key)
  expect(occupied).toMatchObject({ code: 1, err: expect.stringContaining('is not empty') })
  await rm(data, { recursive: true })
  const wrong = join(directory, 'wrong.key')
  await writeFile(wrong, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 })
  const refused = await chandler('restore', archive, '--secret-key', wrong)
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('sealed with another secret key') })
  expect(await readdir(data)).toEqual([])
  const cut = join(directory, 'cut.tar.gz')
  await writeFile(cut, (await readFile(archive)).subarray(0, 200_000))
  const damaged = await chandler('restore', cut, '--secret-key', key)
  expect(damaged).toMatchObject({ code: 1, err: expect.stringContaining('could not be unpacked') })
  expect(await readdir(data)).toEqual([])

  expect(await chandler('restore', archive, '--secret-key', key)).toMatchObject({ code: 0 })
  const restored = await startServer(config, silentLogger)
  try {
    expect(restored.accessKey).toBeUndefined()
    expect((await ask(restored.url, `/artifacts/${sha256}`, { method: 'HEAD' })).status).toBe(200)
  } finally {
    await restored.close()
  }
})
