import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { makeFacts, makeInstance } from '../../../test/make-instance.ts'
import type { ExecutionId, ExtensionId } from '../id.ts'
import type { InstalledState } from '../instance/instance.ts'
import { renderEnglishReason } from '../reason/english-reasons.ts'
import { makeReason } from '../reason/reason.ts'
import {
  isWork,
  type PlannedRequest,
  type PlannedTarget,
  type PlannedVersion,
  planTarget,
  planTargets,
  summarizePlan,
  type WantedValues,
} from './plan.ts'

const version: PlannedVersion = {
  version: 2,
  scope: { platforms: [{ id: 'debian', versions: '>=11' }] },
  configurations: [
    { id: 'c1', os: 'linux', arch: 'x86_64' },
    { id: 'c2', os: 'linux', arch: 'arm64' },
  ],
}
const valuesFor = (parametersDigest: string) => () => ({ parametersDigest, changes: [], missing: [], unfit: [] })
const install: PlannedRequest = { action: 'install', version, valuesFor: valuesFor('p') }
const update: PlannedRequest = { ...install, action: 'update' }
const uninstall: PlannedRequest = { action: 'uninstall' }

const has = (changes: Partial<InstalledState> = {}): InstalledState => ({
  extensionId: 'ext-1' as ExtensionId,
  status: 'installed',
  version: 2,
  configurationId: 'c1',
  parametersDigest: 'p',
  executionId: 'exec-1' as ExecutionId,
  ...changes,
})
const broken = (changes: Partial<InstalledState> = {}) => has({ status: 'broken', ...changes })

const here = makeInstance()
const old = makeInstance({ facts: makeFacts({ os: { version: '10' } }) })
const odd = makeInstance({ facts: makeFacts({ os: { arch: 'riscv64' } }) })

const withConfiguration = (more: Partial<PlannedVersion['configurations'][number]>): PlannedVersion => ({
  ...version,
  configurations: version.configurations.map((one) => ({ ...one, ...more })),
})
const makeArtifact = (kind: 'deb' | 'file') => ({ sha256: 'a'.repeat(64), sizeBytes: 1, fileName: `x.${kind}`, kind })

test('a version whose uninstall script is refused is skipped, unless the new version has an update script', () => {
  const refusedUninstalls = new Map([['1/c1', { line: 2, column: 9 }]])
  const installed = has({ version: 1 })
  const left = {
    step: 'skip',
    reasonCode: 'NoConfiguration',
    reason: makeReason('UninstallScriptRefused', { version: 1, line: 2, column: 9 }),
    fromVersion: 1,
  }
  for (const wanted of [uninstall, update, install])
    expect(planTarget({ ...wanted, refusedUninstalls }, { instance: here, installed })).toMatchObject(left)
  const updating = { ...update, version: withConfiguration({ scripts: { update: '#!/bin/sh' } }), refusedUninstalls }
  expect(planTarget(updating as PlannedRequest, { instance: here, installed })).toMatchObject({ step: 'update' })
  expect(planTarget({ ...uninstall, refusedUninstalls }, { instance: here, installed: has() }).step).toBe('uninstall')
})

/** With the reason in English. */
type Expected = Omit<PlannedTarget, 'instanceId' | 'reason' | 'parts'> & { readonly reason: string }
const alreadyInstalled: Expected = {
  step: 'none',
  reasonCode: 'AlreadyAsWanted',
  reason: 'already installed: v2, same configuration, same parameters',
  fromVersion: 2,
}
const planned = (step: PlannedTarget['step'], reason: string, fromVersion?: number): Expected => ({
  step,
  reasonCode: 'Planned',
  reason,
  ...(fromVersion && { fromVersion }),
  toVersion: 2,
  configurationId: 'c1',
  parametersDigest: 'p',
})
const notInScope: Expected = { step: 'skip', reasonCode: 'NotInScope', reason: 'debian 10 is below >=11' }
const noConfiguration: Expected = {
  step: 'skip',
  reasonCode: 'NoConfiguration',
  reason: 'c1 is for linux x86_64, not riscv64; c2 is for linux arm64, not riscv64',
}

describe('planTarget', () => {
  test.each<[string, PlannedRequest, typeof here, InstalledState | undefined, Expected]>([
    ['install: not installed', install, here, undefined, planned('install', 'not installed: installs v2')],
    ['install: the same', install, here, has(), alreadyInstalled],
    [
      'install: the same, again',
      { ...install, reinstall: true },
      here,
      has(),
      planned('install', `${alreadyInstalled.reason}; installs it again`, 2),
    ],
    [
      'install: the same, which the instance can confirm by its checks',
      { ...install, version: withConfiguration({ verify: [{ kind: 'port', port: 80, withinMs: 0 }] }) },
      here,
      has(),
      planned('verify', `${alreadyInstalled.reason}; the instance confirms it`, 2),
    ],
    [
      'update: the same, which the instance can confirm by its package manager',
      { ...update, version: withConfiguration({ artifact: makeArtifact('deb') }) },
      here,
      has(),
      planned('verify', `${alreadyInstalled.reason}; the instance confirms it`, 2),
    ],
    [
      'install: the same, a package with scripts of its own and no checks',
      { ...install, version: withConfiguration({ artifact: makeArtifact('deb'), scripts: { install: 'true' } }) },
      here,
      has(),
      alreadyInstalled,
    ],
    ['install: an older version', install, here, has({ version: 1 }), planned('update', 'v1 -> v2', 1)],
    ['install: a newer version', install, here, has({ version: 3 }), planned('update', 'v3 -> v2', 3)],
    [
      'install: another version with another configuration',
      install,
      here,
      has({ version: 1, configurationId: 'c9' }),
      planned('update', 'v1 -> v2', 1),
    ],
    [
      'install: other parameters',
      install,
      here,
      has({ parametersDigest: 'q' }),
      planned('update', 'parameters differ', 2),
    ],
    [
      'install: another configuration',
      install,
      here,
      has({ configurationId: 'c2' }),
      planned('update', 'v2: configuration c2 -> c1', 2),
    ],
    [
      'install: all of it',
      install,
      here,
      has({ version: 1, parametersDigest: 'q' }),
      planned('update', 'v1 -> v2; parameters differ', 1),
    ],
    [
      'install: broken, with the same version',
      install,
      here,
      broken(),
      planned('install', 'the last change (v2) did not complete: installs v2', 2),
    ],
    [
      'install: broken, older',
      install,
      here,
      broken({ version: 1 }),
      planned('install', 'the last change (v1) did not complete: installs v2', 1),
    ],
    ['install: not in scope', install, old, undefined, notInScope],
    ['install: not in scope, but installed', install, old, has(), { ...notInScope, fromVersion: 2 }],
    ['install: no configuration', install, odd, undefined, noConfiguration],
    [
      'update: not installed',
      update,
      here,
      undefined,
      {
        step: 'skip',
        reasonCode: 'NotInstalled',
        reason: 'not installed; an update changes only instances that have it',
      },
    ],
    [
      'update: not installed, not in scope',
      update,
      old,
      undefined,
      {
        step: 'skip',
        reasonCode: 'NotInstalled',
        reason: 'not installed; an update changes only instances that have it',
      },
    ],
    ['update: the same', update, here, has(), alreadyInstalled],
    ['update: an older version', update, here, has({ version: 1 }), planned('update', 'v1 -> v2', 1)],
    [
      'update: broken',
      update,
      here,
      broken({ version: 1 }),
      planned('install', 'the last change (v1) did not complete: installs v2', 1),
    ],
    ['update: not in scope', update, old, has({ version: 1 }), { ...notInScope, fromVersion: 1 }],
    [
      'uninstall: not installed',
      uninstall,
      here,
      undefined,
      { step: 'none', reasonCode: 'AlreadyAsWanted', reason: 'not installed' },
    ],
    [
      'uninstall: installed',
      uninstall,
      here,
      has({ version: 1 }),
      { step: 'uninstall', reasonCode: 'Planned', reason: 'uninstalls v1', fromVersion: 1, configurationId: 'c1' },
    ],
    [
      'uninstall: broken, and no longer in scope',
      uninstall,
      old,
      broken(),
      {
        step: 'uninstall',
        reasonCode: 'Planned',
        reason: 'the last change did not complete: uninstalls v2',
        fromVersion: 2,
        configurationId: 'c1',
      },
    ],
  ])('%s', (_, request, instance, installed, expected) => {
    const { reason, ...decision } = planTarget(request, { instance, installed })
    expect({ ...decision, reason: renderEnglishReason(reason) }).toEqual({ instanceId: here.id, ...expected })
  })
})

test('summarizePlan counts steps and reasons, also those that do not occur', () => {
  const targets = [{ instance: here }, { instance: here, installed: has() }, { instance: old }, { instance: odd }]
  expect(summarizePlan(planTargets(install, targets))).toEqual({
    steps: { install: 1, update: 0, verify: 0, uninstall: 0, run: 0, none: 1, skip: 2 },
    reasonCodes: {
      Planned: 1,
      AlreadyAsWanted: 1,
      NotInScope: 1,
      NoConfiguration: 1,
      NotInstalled: 0,
      Offline: 0,
      ParametersUnfit: 0,
      ChangedSince: 0,
      Quarantined: 0,
      UserNotPermitted: 0,
    },
  })
})

test('10,000 targets of 100 kinds are planned with 64 configurations', () => {
  const configurations = Array.from({ length: 64 }, (_, index) => ({
    id: `c${index + 1}`,
    os: 'linux' as const,
    arch: 'any',
    platforms: [{ id: 'debian', versions: `${index}.*` }],
  }))
  const targets = Array.from({ length: 10_000 }, (_, index) => ({
    instance: makeInstance({
      id: `i-${index}`,
      facts: makeFacts({ os: { version: `${index % 50}.${index % 100}` } }),
    }),
  }))
  const plan = planTargets(
    { action: 'install', version: { version: 1, scope: {}, configurations }, valuesFor: valuesFor('p') },
    targets,
  )
  expect(summarizePlan(plan).steps.install).toBe(10_000)
})

describe('values', () => {
  const plan = (values: Partial<WantedValues>, installed = has({ parametersDigest: 'q' })) =>
    planTarget(
      { ...install, valuesFor: (state) => ({ ...valuesFor('p')(), ...(state && values) }) },
      { instance: here, installed },
    )

  test('every change is in the reason, for secrets only the fact that they change', () => {
    const changes = [
      { name: 'port', from: 8080, to: 9999 },
      { name: 'token', secret: true },
      { name: 'old', from: 'x' },
    ] as const
    const update = plan({ changes, parameterSet: 1 })
    expect(update).toMatchObject({ step: 'update', parameterSet: 1, parameterChanges: changes })
    expect(renderEnglishReason(update.reason)).toBe('port: 8080 -> 9999, token: changed, old: "x" -> none')
    const repair = plan({ changes }, broken())
    expect(repair.step).toBe('install')
    expect(renderEnglishReason(repair.reason)).toBe(
      'the last change (v2) did not complete: installs v2; port: 8080 -> 9999, token: changed, old: "x" -> none',
    )
  })

  test('of many changes and refused values the first are named', () => {
    const names = Array.from({ length: 64 }, (_, index) => `p${index}`)
    const update = plan({ changes: names.map((name) => ({ name, from: 1, to: 2 })) })
    expect(renderEnglishReason(update.reason)).toMatch(/p7: 1 -> 2, 56 more$/)
    const fault = { code: 'ValueNotNumber', arguments: {} } as const
    expect(plan({ unfit: names.map((parameter) => ({ parameter, fault })) }).reason.length).toBeLessThan(12)
  })

  test('a value that cannot be kept skips the instance', () => {
    const fault = { code: 'ValueAboveMaximum', arguments: { max: 80, value: '8080' } } as const
    const target = plan({ unfit: [{ parameter: 'port', fault }] })
    expect(target).toMatchObject({ step: 'skip', reasonCode: 'ParametersUnfit' })
    expect(renderEnglishReason(target.reason)).toBe(
      'the version refuses installed values: parameter port is above the maximum 80: 8080; set new values or reset the parameters',
    )
    expect(plan({ missing: ['token'] })).toMatchObject({ step: 'skip', missingParameter: 'token' })
  })
})

describe('properties', () => {
  const os = fc.record({
    id: fc.constantFrom('debian', 'ubuntu'),
    version: fc.constantFrom('', '10', '11', '12'),
    arch: fc.constantFrom('x86_64', 'aarch64', 'riscv64'),
  })
  const state = fc.record({
    status: fc.constantFrom('installed', 'broken'),
    version: fc.constantFrom(1, 2, 3),
    configurationId: fc.constantFrom('c1', 'c2'),
    parametersDigest: fc.constantFrom('p', 'q'),
  })
  const target = fc
    .record({ os, state: fc.option(state, { nil: undefined }) })
    .map(({ os, state }) => ({ instance: makeInstance({ facts: makeFacts({ os }) }), installed: state && has(state) }))
  const request = fc.constantFrom(install, update, uninstall)
  const runs = { numRuns: 3_000 }

  test('planning together gives the same result as planning one by one', () => {
    fc.assert(
      fc.property(request, fc.array(target), (wanted, targets) => {
        expect(planTargets(wanted, targets)).toEqual(targets.map((one) => planTarget(wanted, one)))
      }),
      { numRuns: 500 },
    )
  })

  test('after the plan is carried out there is nothing left to do, and before that no step reports so', () => {
    fc.assert(
      fc.property(request, target, (wanted, one) => {
        const plan = planTarget(wanted, one)
        if (plan.step === 'none') {
          expect(one.installed?.status).not.toBe('broken')
          const same = {
            version: 2,
            configurationId: one.instance.facts.os.arch === 'x86_64' ? 'c1' : 'c2',
            parametersDigest: 'p',
          }
          if (wanted.action !== 'uninstall' && one.installed) expect(one.installed).toMatchObject(same)
          return
        }
        if (!isWork(plan)) return
        const { toVersion, configurationId = '' } = plan
        const installed = toVersion === undefined ? undefined : has({ version: toVersion, configurationId })
        expect(planTarget(wanted, { ...one, installed })).toMatchObject({ step: 'none', reasonCode: 'AlreadyAsWanted' })
      }),
      runs,
    )
  })

  test('the step depends on the installed state', () => {
    fc.assert(
      fc.property(request, target, (wanted, one) => {
        const { step, reason, fromVersion, reasonCode } = planTarget(wanted, one)
        expect(reason).not.toEqual([])
        expect(reasonCode === 'Planned').toBe(isWork({ step }))
        if (step === 'update') expect(one.installed?.status).toBe('installed')
        if (step === 'install') expect(one.installed?.status).not.toBe('installed')
        if (step === 'uninstall') expect(one.installed).toBeDefined()
        if (wanted.action === 'uninstall') expect(step).not.toBe('skip')
        if (wanted.action === 'update' && !one.installed) expect(reasonCode).toBe('NotInstalled')
        expect(fromVersion).toBe(one.installed?.version)
      }),
      runs,
    )
  })
})
