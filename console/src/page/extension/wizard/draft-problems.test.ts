import { expect, test } from 'vitest'
import { findDraftProblems } from './draft-problems.ts'
import { changeMember, makeDraft, makeParameter, type WizardDraft } from './wizard-draft.ts'

const list = (draft: WizardDraft) => findDraftProblems(draft).map(({ place, reason }) => `${place} ${reason}`)
const named = { ...makeDraft(), name: 'web-app' }
const parameter = { ...makeParameter(1), name: 'port', type: 'Number' as const }
const configured = (change: Partial<WizardDraft['configurations'][number]>) => ({
  ...named,
  configurations: changeMember(named.configurations, 1, change),
})

test('a new draft lacks only its name', () => {
  expect(list(makeDraft())).toEqual(['name nameMissing'])
  expect(list(named)).toEqual([])
})

test('parameters: missing and duplicate names, values of another type, limits that are not numbers', () => {
  const parameters = [
    { ...parameter, isRequired: false, defaultText: 'many', allowedValues: '1\ntwo', min: 'low' },
    { ...parameter, key: 2 },
    makeParameter(3),
  ]
  expect(list({ ...named, parameters })).toEqual([
    'parameters.0.default notOfType',
    'parameters.0.allowedValues notOfType',
    'parameters.0.min notANumber',
    'parameters.1.name parameterNameTwice',
    'parameters.2.name parameterNameMissing',
  ])
})

test('configurations: unfinished upload, other architecture, time limits and checks', () => {
  const artifact = { sha256: 'a', sizeBytes: 1, fileName: 'a.deb', kind: 'deb' as const, arch: 'arm64' }
  const pending = { fileName: 'a.deb', sizeBytes: 1, lastModified: 0 }
  const run = { ...makeDraft().configurations[0]?.run, timeoutMinutes: 'long' } as never
  expect(list(configured({ artifact, arch: 'amd64', platforms: [{ id: ' ', versions: '' }] }))).toEqual([
    'configurations.0.platforms.0.id platformMissing',
    'configurations.0.arch otherArchitecture',
  ])
  expect(list(configured({ artifact, arch: 'aarch64' }))).toEqual([])
  const check = { key: 1, kind: 'port' as const, subject: 'x', detail: '', withinSeconds: '1' }
  expect(list(configured({ pending, run, verify: [check] }))).toEqual([
    'configurations.0.artifact uploadUnfinished',
    'configurations.0.run.timeoutMs notANumber',
    'configurations.0.verify.0.subject notANumber',
  ])
})
