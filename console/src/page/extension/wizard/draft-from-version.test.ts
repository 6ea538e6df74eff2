import { expect, test } from 'vitest'
import type { ExtensionView, VersionView } from '../../../../../src/protocol/api/extensions.ts'
import { draftFromVersion } from './draft-from-version.ts'
import { findDraftProblems } from './draft-problems.ts'
import { renderVersionRequest } from './render-request.ts'

const extension: ExtensionView = {
  id: 'ext-1',
  name: 'web-app',
  type: 'Agent',
  description: 'serves',
  latestVersion: 'v2',
  createdAt: '2026-01-01T00:00:00Z',
  createdBy: 'admin',
  updatedAt: '2026-01-01T00:00:00Z',
  updatedBy: 'admin',
  tags: {},
  resourceGroup: '',
  channels: {},
  installedOn: {},
  brokenOn: 0,
}
const artifact = { sha256: 'a'.repeat(64), fileName: 'app.zip', kind: 'zip' as const }
const run = {
  runAs: 'app',
  workDir: '/opt',
  timeoutMs: 90_000,
  unpack: true,
  keepWorkspace: 'onFailure' as const,
  allowRemovals: true,
  signature: 'required' as const,
}
const same: Pick<VersionView, 'scope' | 'parameters'> = {
  scope: { instanceFamilies: ['ecs.c*'], imageTypes: ['self'], platforms: [{ id: 'debian', versions: '>=11' }] },
  parameters: {
    port: { type: 'Number', default: 0, min: 0, max: 9 },
    mode: { type: 'String', allowedValues: ['a', 'b'], pattern: '[ab]', minLength: 1, maxLength: 1, noEcho: true },
    on: { type: 'Boolean', default: false, description: 'Is it?', actions: ['uninstall'] },
  },
}
const rest = {
  os: 'linux' as const,
  arch: 'arm64',
  platforms: [{ id: 'ubuntu' }],
  scripts: { install: 'one', output: 'two' },
  verify: [{ kind: 'port' as const, port: 80, withinMs: 2_000 }],
  run,
}
const version: VersionView = {
  extension: 'web-app',
  version: 'v2',
  versionDescription: 'the second',
  deprecated: false,
  createdAt: '2026-01-01T00:00:00Z',
  ...same,
  configurations: [{ id: 'c1', ...rest, artifact: { ...artifact, sizeBytes: 10 } }],
}

test('the next version starts as a full copy of the latest one, with an empty description', () => {
  const draft = draftFromVersion(extension, version)
  expect(findDraftProblems(draft)).toEqual([])
  expect(renderVersionRequest(draft)).toEqual({
    versionDescription: '',
    ...same,
    configurations: [{ ...rest, artifact }],
  })
})
