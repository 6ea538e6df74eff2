import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findConnection, validateServer } from './connection.ts'
import { saveProfile } from './profiles.ts'
import { readSettings } from './settings.ts'

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'chandler-home-'))
})
afterEach(() => rm(home, { recursive: true }))

const settings = (environment: Record<string, string> = {}) => readSettings({ HOME: home, ...environment })
const key = { CHANDLER_ACCESS_KEY_ID: 'env-id', CHANDLER_ACCESS_KEY_SECRET: 'env-secret' }
const profile = { server: 'http://profile:1', accessKeyId: 'p-id', accessKeySecret: 'p-secret' }
const save = (name = 'default') => saveProfile(settings().profilesFile, name, profile)

describe('which server, and with which key', () => {
  test('reads the environment', async () => {
    expect(await findConnection(settings({ ...key, CHANDLER_SERVER: 'http://env:1/' }), {})).toEqual({
      server: 'http://env:1',
      accessKeyId: 'env-id',
      accessKeySecret: 'env-secret',
    })
  })

  test('an option overrides the environment, which overrides the profile', async () => {
    await save()
    const given = settings({ ...key, CHANDLER_SERVER: 'http://env:1' })
    expect(await findConnection(given, { server: 'http://option:1' })).toMatchObject({ server: 'http://option:1' })
    expect(await findConnection(given, {})).toMatchObject({ server: 'http://env:1', accessKeyId: 'env-id' })
    expect(await findConnection(settings(), {})).toEqual(profile)
  })

  test('a profile given by name sets both server and key', async () => {
    await save('prod')
    expect(await findConnection(settings({ ...key, CHANDLER_SERVER: 'http://env:1' }), { profile: 'prod' })).toEqual(
      profile,
    )
    expect(await findConnection(settings({ CHANDLER_PROFILE: 'prod' }), {})).toEqual(profile)
  })

  test('the secret of a profile is never sent to another server', async () => {
    await save()
    await expect(findConnection(settings(), { server: 'http://elsewhere:1' })).rejects.toThrow(
      'no access key is configured for http://elsewhere:1',
    )
  })

  test('missing settings, an unknown profile and a damaged file are named', async () => {
    await expect(findConnection(settings(), {})).rejects.toMatchObject({
      message: 'no server is configured',
      next: expect.stringContaining('CHANDLER_SERVER'),
    })
    await expect(findConnection(settings(), { profile: 'x' })).rejects.toThrow(
      'profile "x" does not exist (profiles: none)',
    )
    await save()
    await writeFile(settings().profilesFile, '{"default":{"server":1}}')
    await expect(findConnection(settings(), {})).rejects.toThrow('is not a valid profile file')
  })
})

test('only their owner can read the profiles', async () => {
  await save()
  await save('second')
  expect((await stat(settings().profilesFile)).mode & 0o777).toBe(0o600)
  expect(await findConnection(settings(), { profile: 'default' })).toEqual(profile)
})

test.each(['', 'host:7443', 'ftp://x', 'http://user:secret@x', '//x'])('%j is no address of a server', (address) => {
  expect(() => validateServer(address)).toThrow(/is not a server URL|must not contain a user name or password/)
})
