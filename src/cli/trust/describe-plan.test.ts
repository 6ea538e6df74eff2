import { expect, test } from 'vitest'
import { makePlanStatement } from '../../core/trust/make-plan-statement.ts'
import type { StatedWork } from '../../core/trust/plan-statement.ts'
import { canonicalJson } from '../../lib/canonical-json.ts'
import { sha256Of } from '../../lib/digest.ts'
import { describePlan } from './describe-plan.ts'

const script = 'echo one\necho two\n'
const command: StatedWork = {
  kind: 'command',
  os: 'linux',
  scriptSha256: sha256Of(script),
  placeholders: true,
  timeoutMs: 60_000,
  runAs: 'app',
  parameters: { port: 80, name: 'a "b"' },
  secrets: { token: '7'.repeat(64) },
}

function makePlan(works: readonly StatedWork[] = [command], instances = ['i-1', 'i-2']) {
  const { statement } = makePlanStatement(
    { execution: 'exec-1', expires: '2027-01-01T00:00:00.000Z' },
    instances.map((instanceId) => ({ instanceId, work: works })),
    { render: canonicalJson, sha256Of },
  )
  return { canonical: canonicalJson(statement), instances: works.map(() => instances), script }
}

test('a plan is shown with its script, values and instances', () => {
  const plan = makePlan()
  expect(describePlan('exec-1', plan)).toEqual([
    `plan of exec-1, valid until 2027-01-01T00:00:00.000Z, sha256 ${sha256Of(plan.canonical)}`,
    '1. run a command (linux) as app; timeout 60 s',
    '   | echo one',
    '   | echo two',
    '   with name="a \\"b\\"", port=80, token (secret)',
    '   on 2 instances: i-1, i-2',
  ])
})

test('other work is shown with its options', () => {
  const works: StatedWork[] = [
    {
      kind: 'osPackages',
      action: 'uninstall',
      installer: 'auto',
      names: ['a', 'b'],
      timeoutMs: 1_000,
      allowRemovals: true,
      autoremove: true,
    },
    {
      kind: 'extension',
      action: 'install',
      extension: 'demo',
      version: 3,
      versionSha256: 'ab',
      reinstall: true,
      allowRemovals: false,
      autoremove: false,
      rebootTimeoutMs: 5,
      parameters: {},
      secrets: {},
    },
    { kind: 'agentUpgrade', version: '1.0.0', arch: 'arm64', sha256: 'cd', sizeBytes: 1 },
  ]
  const lines = describePlan('exec-1', makePlan(works, ['i-1'])).filter((line) => /^\d/.test(line))
  expect(lines).toEqual([
    '1. uninstall OS packages with auto: a b; may remove other packages; removes packages that become unneeded; timeout 1 s',
    '2. install demo v3 (sha256 ab); also if it is installed; may reboot the instance',
    '3. upgrade the agent to 1.0.0 (arm64, sha256 cd)',
  ])
})

test.each<[string, Partial<ReturnType<typeof makePlan>>, RegExp]>([
  ['another script', { script: 'echo evil' }, /the script .* is not that of the plan/],
  ['no script', { script: undefined as never }, /the script/],
  ['fewer instances', { instances: [['i-1']] }, /the instances/],
  ['other instances', { instances: [['i-1', 'i-3']] }, /the instances/],
  ['other bytes', { canonical: 'none' }, /not JSON/],
  [
    'JSON that can be read in two ways',
    { canonical: makePlan().canonical.replace('{', '{"format":"x",') },
    /cannot read/,
  ],
  ['the plan of another execution', { canonical: makePlan().canonical.replace('exec-1', 'exec-2') }, /plan of exec-2/],
  ['unknown work', { canonical: makePlan().canonical.replace('"command"', '"other"') }, /cannot read/],
])('a server that shows %s is found', (_, change, reason) => {
  expect(() => describePlan('exec-1', { ...makePlan(), ...change })).toThrow(reason)
})
