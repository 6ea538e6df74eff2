import { expect, test } from 'vitest'
import { changeMember, makeDraft } from '../wizard-draft.ts'
import { type ArrivedArtifact, acceptArtifact } from './accept-artifact.ts'

const deb = (version: string, arch = 'x86_64'): ArrivedArtifact => ({
  fileName: `hello_${version}.deb`,
  sha256: 'a'.repeat(64),
  sizeBytes: 10,
  metadata: {
    kind: 'deb',
    arch,
    package: { name: 'hello+x', version, architecture: 'amd64', summary: 'Says hello', dependencies: [] },
  },
})

test('package metadata fills in fields, and unedited templates are removed for package managers', () => {
  const draft = acceptArtifact(makeDraft(), 1, deb('1.0'))
  expect(draft).toMatchObject({ name: 'hello-x', description: 'Says hello', versionDescription: 'hello+x 1.0' })
  expect(draft.configurations[0]).toMatchObject({
    os: 'linux',
    arch: 'x86_64',
    scripts: { install: '', uninstall: '' },
  })
})

test('edited fields stay', () => {
  const initial = makeDraft()
  const written = {
    ...initial,
    name: 'mine',
    configurations: changeMember(initial.configurations, 1, {
      arch: 'arm64',
      scripts: { install: 'echo', uninstall: '', update: '', output: '' },
    }),
  }
  const draft = acceptArtifact(written, 1, deb('1.0'))
  expect(draft.name).toBe('mine')
  expect(draft.configurations[0]).toMatchObject({ arch: 'arm64', scripts: { install: 'echo' } })
})

test('another package replaces values of the previous one, but not edited ones', () => {
  const first = { ...acceptArtifact(makeDraft(), 1, deb('1.0')), description: 'mine' }
  expect(acceptArtifact(first, 1, deb('1.1'))).toMatchObject({ description: 'mine', versionDescription: 'hello+x 1.1' })
})

test('an update keeps the name and description of the extension', () => {
  const draft = acceptArtifact({ ...makeDraft(), base: 'v1', name: 'hello', description: '' }, 1, deb('2.0'))
  expect(draft).toMatchObject({ name: 'hello', description: '', versionDescription: 'hello+x 2.0' })
})

test('without detected content the file name determines the kind; a removed configuration is ignored', () => {
  const file: ArrivedArtifact = { ...deb('1'), fileName: 'setup.msi', metadata: { kind: 'file' } }
  expect(acceptArtifact(makeDraft(), 1, file).configurations[0]).toMatchObject({
    os: 'windows',
    artifact: { kind: 'msi' },
  })
  const draft = makeDraft()
  expect(acceptArtifact(draft, 7, file)).toBe(draft)
})
