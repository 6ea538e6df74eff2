import { expect, test } from 'vitest'
import { describeTaskPlan } from './operation-kinds.ts'

test.each([
  ['an update', { step: 'update', fromVersion: 'v1', toVersion: 'v2' }, 'v1 → v2'],
  ['the same version once more', { step: 'install', fromVersion: 'v2', toVersion: 'v2' }, 'v2'],
  ['a removal', { step: 'uninstall', fromVersion: 'v1' }, 'v1'],
] as const)('%s', (_, task, versions) => {
  const operation = { kind: 'extension', action: 'install', extension: 'demo' } as const
  expect(describeTaskPlan(operation, task)).toEqual([{ name: 'demo', step: task.step, versions }])
})

test('several extensions have one line each, in order', () => {
  const extensions = [{ extension: 'base' }, { extension: 'web' }]
  const parts = [
    { extension: 'base', step: 'none', reasonCode: 'AlreadyAsWanted', reason: '', fromVersion: 'v1' },
    { extension: 'web', step: 'update', reasonCode: 'Planned', reason: '', fromVersion: 'v1', toVersion: 'v3' },
  ] as const
  expect(
    describeTaskPlan({ kind: 'extensions', action: 'update', extensions }, { step: 'update', parts: [...parts] }),
  ).toEqual([
    { name: 'base', step: 'none', versions: 'v1' },
    { name: 'web', step: 'update', versions: 'v1 → v3' },
  ])
})

test('a command has no changes by extension', () => {
  expect(describeTaskPlan({ kind: 'command', type: 'RunShellScript', timeoutMs: 60_000 }, { step: 'run' })).toEqual([])
})
