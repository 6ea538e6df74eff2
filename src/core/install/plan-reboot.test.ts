import { expect, test } from 'vitest'
import { renderEnglishReason } from '../reason/english-reasons.ts'
import { makeTextReason } from '../reason/reason.ts'
import { type InstallRequest, planNextStep } from './install-plan.ts'
import type { InstallHistory, StepFailure, StepResult } from './install-step.ts'
import type { InstallStepId } from './install-step-ids.ts'
import type { PlannedInstallation } from './installation.ts'
import { findRebootResult } from './plan-reboot.ts'
import { requestsReboot } from './reboot-request.ts'

const makeInstallation = (version: number, scripts = {}, verify: readonly object[] = []): PlannedInstallation => ({
  version,
  parametersDigest: 'd'.repeat(64),
  configuration: { id: 'c1', scripts: { install: 'i', uninstall: 'u', ...scripts }, verify },
})
const v1 = makeInstallation(1)
const v2 = makeInstallation(2)
const has = (installation: PlannedInstallation) => ({ installation, status: 'installed' as const, recorded: true })
const failed = (failure: Partial<StepFailure> = {}): StepResult => ({
  status: 'failed',
  began: true,
  failure: { state: 'failed', reasonCode: 'ScriptFailed', reason: makeTextReason('It failed.'), ...failure },
})

/** Returns the steps and reboots in order, and the end; the named steps have these results. */
function play(request: InstallRequest, results: Partial<Record<InstallStepId, StepResult>>) {
  let history: InstallHistory = {}
  const steps: string[] = []
  for (;;) {
    const decision = planNextStep(request, history)
    if (decision.kind === 'end') {
      const { outcome, change } = decision
      return { steps: steps.join(' '), outcome: { ...outcome, reason: renderEnglishReason(outcome.reason) }, change }
    }
    if (decision.kind === 'await') throw new Error('no step has begun here')
    const id = decision.kind === 'reboot' ? decision.after : decision.step.id
    const isReboot = decision.kind === 'reboot'
    steps.push(isReboot ? `reboot after ${id}` : id)
    history = { ...history, [id]: isReboot ? { status: 'done', reboot: 'done' } : (results[id] ?? { status: 'done' }) }
  }
}

test('a script requests a reboot: it comes before the next step, or before the end', () => {
  const wanted = makeInstallation(2, { output: 'o' }, [{}])
  const due = { status: 'done', reboot: 'due' } as const
  expect(
    play({ action: 'update', wanted, previous: has(v1) }, { uninstallPrevious: due, installWanted: due }),
  ).toMatchObject({
    steps:
      'prepareWanted prepareUninstall uninstallPrevious reboot after uninstallPrevious installWanted reboot after installWanted verifyWanted outputWanted',
    outcome: { reasonCode: 'Succeeded', reason: 'Updated v1 to v2. The instance was rebooted.' },
  })
  expect(play({ action: 'uninstall', previous: has(v1) }, { uninstallPrevious: due })).toMatchObject({
    steps: 'prepareUninstall uninstallPrevious reboot after uninstallPrevious',
    outcome: { reasonCode: 'Succeeded', reason: 'Uninstalled v1. The instance was rebooted.' },
    change: 'absent',
  })
  expect(play({ action: 'run', wanted: v1 }, { runWanted: due })).toMatchObject({
    steps: 'prepareWanted runWanted reboot after runWanted',
    outcome: { state: 'succeeded', reason: 'The command succeeded. The instance was rebooted.' },
  })
})

test('a reboot that is not allowed: the plan continues, and the outcome says that a reboot is required', () => {
  const wanted = makeInstallation(1, {}, [{}])
  const refused = { status: 'done', reboot: 'refused' } as const
  const sentence = 'A script requested a reboot, which the execution does not allow: reboot the instance.'
  expect(play({ action: 'install', wanted }, { installWanted: refused })).toMatchObject({
    steps: 'prepareWanted installWanted verifyWanted',
    outcome: { state: 'succeeded', reasonCode: 'RebootRequired', reason: `Installed v1. ${sentence}` },
    change: { status: 'installed' },
  })
  expect(play({ action: 'install', wanted }, { installWanted: refused, verifyWanted: failed() })).toMatchObject({
    outcome: { state: 'failed', reasonCode: 'ScriptFailed', reason: `It failed. ${sentence}` },
  })
})

test('a reboot that failed is a failure of its step: the old version is put back', () => {
  const noReboot = failed({ reasonCode: 'RebootFailed', reason: makeTextReason('It did not reboot.') })
  expect(play({ action: 'update', wanted: v2, previous: has(v1) }, { installWanted: noReboot })).toMatchObject({
    outcome: { state: 'failed', reasonCode: 'RebootFailed', reason: 'It did not reboot. v1 was put back.' },
    change: { status: 'installed', installation: 'previous' },
  })
})

test('the exit codes that request a reboot depend on the platform; the file counts for a success only', () => {
  const codes = [0, 1, 194, 1641, 3010]
  const requesting = (family: 'linux' | 'windows', hasFile: boolean) =>
    codes.filter((exitCode) => requestsReboot(family, { exitCode, hasFile }))
  expect(requesting('linux', false)).toEqual([194])
  expect(requesting('linux', true)).toEqual([0, 194])
  expect(requesting('windows', false)).toEqual([1641, 3010])
  expect(requesting('windows', true)).toEqual([0, 1641, 3010])
})

test.each([
  // machine, requested, allowed, result
  ['up', false, false, undefined],
  ['up', false, true, undefined],
  ['up', true, false, 'refused'],
  ['up', true, true, 'due'],
  ['rebooting', false, false, 'underway'],
  ['rebooting', true, false, 'underway'],
  ['rebooting', true, true, 'underway'],
  ['poweringOff', false, true, undefined],
  ['poweringOff', true, false, 'underway'],
  ['rebooted', false, false, 'done'],
  ['rebooted', true, false, 'done'],
  ['rebooted', true, true, 'done'],
] as const)('machine %s, requested: %s, allowed: %s: %s', (machine, isRequested, isAllowed, result) => {
  expect(findRebootResult({ machine, isRequested, isAllowed })).toBe(result)
})

test('a reboot that is underway comes before the next step, like a requested one', () => {
  const wanted = makeInstallation(2, { output: 'o' })
  const underway = { status: 'done', reboot: 'underway' } as const
  expect(play({ action: 'install', wanted }, { installWanted: underway })).toMatchObject({
    steps: 'prepareWanted installWanted reboot after installWanted outputWanted',
    outcome: { reasonCode: 'Succeeded', reason: 'Installed v2. The instance was rebooted.' },
  })
})
