/** Channels of extensions, on a real database. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { promoteVersion, removeChannel } from '../../../src/server/app/extension/channels.ts'
import { createVersion } from '../../../src/server/app/extension/create-version.ts'
import { deleteVersion } from '../../../src/server/app/extension/delete-version.ts'
import { getExtension } from '../../../src/server/app/extension/list-extensions.ts'
import { setVersionDeprecated } from '../../../src/server/app/extension/set-version-deprecated.ts'
import { actor, type ControlPlane, startControlPlane } from './control-plane.ts'

let plane: ControlPlane
beforeEach(async () => {
  plane = await startControlPlane()
  await plane.stopDispatcher()
  await plane.enrol(1)
  await plane.makeExtension('demo')
})
afterEach(() => plane.stop())

const promote = (version: string, channel: string) =>
  promoteVersion(plane.context, actor, { name: 'demo', version, channel })

async function makeSecondVersion() {
  await createVersion(plane.context, actor, 'demo', {
    versionDescription: '',
    scope: {},
    parameters: {},
    configurations: [
      {
        os: 'linux',
        arch: 'any',
        scripts: { install: '#!/bin/sh\ntrue\n' },
        verify: [],
        run: { timeoutMs: 60_000, unpack: false, keepWorkspace: 'never' },
      },
    ],
  })
}

async function versionOf(reference: string) {
  const id = await plane.start({ extension: 'demo', version: reference })
  const { rows } = await plane.db.pool.query(
    "select operation ->> 'version' as version from executions where id = $1",
    [id],
  )
  return rows[0]?.version as string
}

test('a channel is the version that it was promoted to last', async () => {
  await makeSecondVersion()
  expect(await promote('v1', 'stable')).toEqual({ from: undefined, to: 'v1' })
  expect(await versionOf('stable')).toBe('1')
  expect(await versionOf('latest')).toBe('2')
  expect(await promote('v2', 'stable')).toEqual({ from: 'v1', to: 'v2' })
  expect(await versionOf('stable')).toBe('2')
  expect((await getExtension(plane.context, actor, 'demo')).channels).toEqual(new Map([['stable', 2]]))
  await expect(deleteVersion(plane.context, actor, 'demo', 'v2', { force: true })).resolves.toBeUndefined()
  await expect(plane.start({ extension: 'demo', version: 'stable' })).rejects.toMatchObject({ code: 'ChannelNotFound' })
})

test('a channel without a version, wrong names and deprecated versions are refused', async () => {
  await expect(plane.start({ extension: 'demo', version: 'stable' })).rejects.toMatchObject({
    code: 'ChannelNotFound',
    message: 'Extension "demo" has no channel stable.',
  })
  await expect(promote('v9', 'stable')).rejects.toMatchObject({ code: 'VersionNotFound' })
  await expect(promote('v1', 'latest')).rejects.toMatchObject({ code: 'ChannelInvalid' })
  await expect(promote('v1', 'Stable')).rejects.toMatchObject({ code: 'ChannelInvalid' })
  await promote('v1', 'stable')
  await setVersionDeprecated(plane.context, actor, 'demo', 'v1', true)
  await expect(plane.start({ extension: 'demo', version: 'stable' })).rejects.toMatchObject({
    code: 'VersionDeprecated',
  })
  await expect(promote('v1', 'beta')).rejects.toMatchObject({ code: 'VersionDeprecated' })
  await removeChannel(plane.context, actor, 'demo', 'stable')
  await expect(removeChannel(plane.context, actor, 'demo', 'stable')).rejects.toMatchObject({ code: 'ChannelNotFound' })
})

test('a version that a channel points to cannot be deleted unless forced', async () => {
  await makeSecondVersion()
  await promote('v1', 'stable')
  await expect(deleteVersion(plane.context, actor, 'demo', 'v1', { force: false })).rejects.toMatchObject({
    code: 'VersionInUse',
    message: expect.stringContaining('it is stable'),
  })
})
