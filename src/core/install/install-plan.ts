/**
 * The agent's decision: the next step, from the requested state, the installed state and the steps
 * done so far (design §5, "update", and §6).
 *
 *   install    prepare ─► install ─► verify ─► output
 *   uninstall  prepare ─► uninstall
 *   run        prepare ─► run                          (installs nothing, whatever its result is)
 *
 *   update, and install over another version:
 *     prepare ─► keep old ─► uninstall old ─► install new ─► verify ─► output
 *                   │              │               └───────────┴─ fails ─► restore
 *                   │              └─ fails ─► broken
 *                   └─ fails ─► unchanged: the old version's package is unavailable for a restore
 *     restore:  prepare old ─► install old ─► verify old ─► failed, state as before
 *                                   └───────────────┴─ fails ─► broken, RestoreFailed
 *
 *   update with an update script:
 *     prepare ─► update ─► verify ─► output            (fails: broken; only the script can revert)
 *
 *   update of an OS package: as install, because the package manager replaces the old version; if
 *     it fails, the old version is installed again.
 *   install of an OS package: if it is interrupted (cancel, timeout, crash), the remains are
 *     removed, so that the package manager stays usable.
 *
 *   install of the recorded version:
 *     confirm ─► nothing to do                         (checks and package manager, each once)
 *        └─ fails ─► prepare ─► install over it ─► verify ─► output
 *
 * A failure before the first script has begun changes nothing, and the outcome says so. In a broken
 * state the install script runs immediately, because the installed files can neither be removed nor
 * restored reliably. A version without an uninstall script is removed from the record, its files
 * remain, and the outcome says so. The output script runs last: if it fails, the task fails and the
 * version stays installed.
 *
 * A script that has begun is never returned as a step again: the caller waits for its end.
 *
 * A script that succeeded may request a reboot. If it is allowed, the reboot comes before the next
 * step, or before the end; if not, the plan continues, and the outcome says that a reboot is
 * required. A reboot that fails is a failure of its step. If the machine is rebooting when a script
 * succeeds, because the script started that itself, the next step comes after the reboot, too.
 */

import type { InvocationOutcome } from '../execution/invocation.ts'
import type { Action, ScriptKind } from '../extension/extension.ts'
import { makeReason } from '../reason/reason.ts'
import type { AgentReason } from './agent-reason.ts'
import type { InstallHistory, InstallStep, StepFailure, StepResult } from './install-step.ts'
import type { InstallStepId } from './install-step-ids.ts'
import {
  canConfirm,
  canRun,
  findPackageKind,
  isSameInstallation,
  nameInstallation,
  type PlannedInstallation,
} from './installation.ts'
import { findDueReboot, sayReboots } from './plan-reboot.ts'

/**
 * The installed version before. `recorded`: by the instance's own record, not only by the server's.
 */
export interface PreviousInstall {
  readonly installation: PlannedInstallation
  readonly status: 'installed' | 'broken'
  readonly recorded: boolean
}

/** The requested action and the installed state. */
export interface InstallRequest {
  readonly action: Action | 'run'
  readonly wanted?: PlannedInstallation | undefined
  readonly previous?: PreviousInstall | undefined
  /** Install over the same version. */
  readonly reinstall?: boolean | undefined
}

/**
 * The installed state afterwards: unchanged, nothing, or a configuration that is installed or
 * broken.
 */
export type InstalledChange =
  | 'none'
  | 'absent'
  | { readonly status: 'installed' | 'broken'; readonly installation: 'wanted' | 'previous' }

/** The next step, a step to wait for, or the end. */
export type InstallDecision =
  | { readonly kind: 'step'; readonly step: InstallStep }
  /** The step's script has begun and its result is unknown: wait for it. */
  | { readonly kind: 'await'; readonly step: InstallStep }
  /**
   * The script of this step requested a reboot, which has not happened yet. `isUnderway`: the
   * machine reboots by itself.
   */
  | { readonly kind: 'reboot'; readonly after: InstallStepId; readonly isUnderway: boolean }
  | { readonly kind: 'end'; readonly outcome: InvocationOutcome; readonly change: InstalledChange }

/** Decides the next step. Pure: the same history gives the same decision. */
export function planNextStep(request: InstallRequest, history: InstallHistory): InstallDecision {
  const reboot = findDueReboot(history)
  if (reboot) return { kind: 'reboot', ...reboot }
  const decision = planStep(request, history)
  return decision.kind === 'end' ? { ...decision, outcome: sayReboots(decision.outcome, history) } : decision
}

function planStep(request: InstallRequest, history: InstallHistory): InstallDecision {
  const { wanted, previous } = request
  const isInstall = request.action === 'install' || request.action === 'update'
  if (
    isInstall &&
    wanted &&
    previous?.recorded &&
    previous.status === 'installed' &&
    isSameInstallation(previous.installation, wanted)
  )
    return planOverSame(request, wanted, previous, history)
  return planChange(request, history)
}

/** The record has the same version: the instance confirms whether that is still true. */
function planOverSame(
  request: InstallRequest,
  wanted: PlannedInstallation,
  previous: PreviousInstall,
  history: InstallHistory,
): InstallDecision {
  const over: InstallRequest = { ...request, previous: { ...previous, status: 'broken' } }
  if (request.reinstall) return planChange({ ...over, again: [] }, history)
  const { version } = wanted
  const asWanted = (confirmed: boolean) =>
    end(
      { state: 'succeeded', reasonCode: 'AlreadyAsWanted', reason: makeReason('WasInstalled', { version, confirmed }) },
      { status: 'installed', installation: 'previous' },
    )
  if (!canConfirm(wanted)) return asWanted(false)
  for (const step of planConfirming(wanted)) {
    const result = history[step.id]
    if (result === undefined) return { kind: 'step', step }
    if (result.status !== 'failed') continue
    if (step.kind === 'prepare' || result.failure.state !== 'failed') return end(result.failure, 'none')
    const again = [...makeReason('RecordedButMissing'), ...result.failure.reason]
    const decision = planChange({ ...over, again }, history)
    if (decision.kind !== 'end' || decision.change !== 'none') return decision
    return { ...decision, change: { status: 'broken', installation: 'previous' } }
  }
  return asWanted(true)
}

/** A check by a script needs a workspace. */
const planConfirming = (wanted: PlannedInstallation): InstallStep[] => [
  ...(wanted.configuration.verify.some(({ kind }) => kind === 'script')
    ? [makeStep('prepareWanted', 'wanted', 'prepare', `preparing ${nameInstallation(wanted)}`)]
    : []),
  makeStep('confirmInstalled', 'wanted', 'verify', `looking whether ${nameInstallation(wanted)} is installed`),
]

/** `again`: reinstall the same version; explains why, if it was not requested. */
interface ChangeRequest extends InstallRequest {
  readonly again?: AgentReason
}

function planChange(request: ChangeRequest, history: InstallHistory): InstallDecision {
  const known = findEndWithoutSteps(request)
  if (known) return known
  const forward = planForward(request, history)
  for (const step of forward) {
    const result = history[step.id]
    if (result?.status === 'failed') return planAfterFailure(request, forward, step, result, history)
    if (result?.status !== 'done') return decideOpen(step, result)
  }
  return request.action === 'run' ? endRun(history) : endWell(request, forward, history)
}

function findEndWithoutSteps({ action, wanted, previous }: InstallRequest): InstallDecision | undefined {
  if (action === 'uninstall') {
    if (!previous)
      return end({ state: 'succeeded', reasonCode: 'AlreadyAsWanted', reason: makeReason('WasNotInstalled') }, 'absent')
    if (canRun(previous.installation, 'uninstall')) return undefined
    const reason = makeReason('RecordRemoved', { version: previous.installation.version })
    return end({ state: 'succeeded', reasonCode: 'Succeeded', reason }, 'absent')
  }
  if (!wanted) {
    const reason = makeReason('RequestIncomplete', { action })
    return end({ state: 'failed', reasonCode: 'AgentError', reason }, 'none')
  }
  if (action === 'run') return undefined
  if (canRun(wanted, 'install') || updatesInPlace(wanted, previous)) return undefined
  const reason = makeReason('NoInstallScript', { version: wanted.version })
  return end({ state: 'failed', reasonCode: 'Unsupported', reason }, 'none')
}

/**
 * The intact version that the wanted one replaces. If only the server believes that the same
 * version is installed, and no record here confirms it, nothing is removed.
 */
function findReplaced(
  wanted: PlannedInstallation,
  previous: PreviousInstall | undefined,
): PlannedInstallation | undefined {
  if (previous?.status !== 'installed' || (!previous.recorded && isSameInstallation(previous.installation, wanted)))
    return undefined
  return previous.installation
}

const updatesInPlace = (wanted: PlannedInstallation, previous: PreviousInstall | undefined) =>
  wanted.configuration.scripts.update !== undefined && findReplaced(wanted, previous) !== undefined

const replacesPackage = (wanted: PlannedInstallation, previous: PlannedInstallation) => {
  const kind = findPackageKind(wanted, 'install')
  return kind !== undefined && kind === findPackageKind(previous, 'uninstall')
}

function planForward(request: InstallRequest, history: InstallHistory): InstallStep[] {
  const { action, wanted, previous } = request
  if (action === 'uninstall' || !wanted) return previous ? planRemoval(previous.installation) : []
  if (action === 'run')
    return [
      makeStep('prepareWanted', 'wanted', 'prepare', 'preparing'),
      makeStep('runWanted', 'wanted', 'install', 'running'),
    ]
  const name = nameInstallation(wanted)
  const after = planAfterInstall(wanted)
  const prepare = makeStep('prepareWanted', 'wanted', 'prepare', `preparing ${name}`)
  const install = makeStep('installWanted', 'wanted', 'install', `installing ${name}`)
  const old = findReplaced(wanted, previous)
  if (!old) return [prepare, install, ...after]
  if (updatesInPlace(wanted, previous))
    return [
      prepare,
      makeStep('updateWanted', 'wanted', 'update', `updating ${nameInstallation(old)} to ${name}`),
      ...after,
    ]
  const change = replacesPackage(wanted, old) || !canRun(old, 'uninstall') ? [install] : [...planRemoval(old), install]
  // Once the replacement of the old version has begun, an unavailable package does not stop it.
  const isChanging = change.some((step) => step.kind === 'run' && hasBegun(history[step.id]))
  const keep = isChanging ? [] : planKeeping(request, old)
  return [prepare, ...keep, ...change, ...after]
}

/** Downloads everything that a restore of the old version needs before it is replaced. */
const planKeeping = (request: InstallRequest, old: PlannedInstallation): InstallStep[] =>
  old.configuration.artifact === undefined || planRestore(request).length === 0
    ? []
    : [
        makeStep(
          'keepPrevious',
          'previous',
          'prepare',
          `fetching ${nameInstallation(old)}, in case it has to be put back`,
        ),
      ]

const planRemoval = (old: PlannedInstallation): InstallStep[] => [
  makeStep('prepareUninstall', 'previous', 'prepare', `preparing to uninstall ${nameInstallation(old)}`),
  makeStep('uninstallPrevious', 'previous', 'uninstall', `uninstalling ${nameInstallation(old)}`),
]

function planAfterInstall(wanted: PlannedInstallation): InstallStep[] {
  const steps: InstallStep[] = []
  if (wanted.configuration.verify.length > 0)
    steps.push(makeStep('verifyWanted', 'wanted', 'verify', `verifying ${nameInstallation(wanted)}`))
  if (wanted.configuration.scripts.output !== undefined)
    steps.push(makeStep('outputWanted', 'wanted', 'output', `asking ${nameInstallation(wanted)} for its output`))
  return steps
}

/**
 * There is nothing to restore unless the old version was intact, was changed, and can be installed.
 */
function planRestore({ wanted, previous }: InstallRequest): InstallStep[] {
  if (!wanted || updatesInPlace(wanted, previous)) return []
  const old = findReplaced(wanted, previous)
  if (!old || !canRun(old, 'install')) return []
  const steps = [
    makeStep('prepareRestore', 'previous', 'prepare', `preparing to put ${nameInstallation(old)} back`, true),
    makeStep('restorePrevious', 'previous', 'install', `putting ${nameInstallation(old)} back`, true),
  ]
  if (old.configuration.verify.length > 0)
    steps.push(makeStep('verifyPrevious', 'previous', 'verify', `verifying ${nameInstallation(old)}`, true))
  return steps
}

const decideOpen = (step: InstallStep, result: StepResult | undefined): InstallDecision => ({
  kind: result && step.kind === 'run' ? 'await' : 'step',
  step,
})

function planAfterFailure(
  request: InstallRequest,
  forward: readonly InstallStep[],
  failed: InstallStep,
  result: StepResult & { status: 'failed' },
  history: InstallHistory,
): InstallDecision {
  const { failure } = result
  const touched = forward.some((step) => step.kind === 'run' && hasBegun(history[step.id]))
  if (!touched || request.action === 'run') return end(failure, 'none')
  const { wanted, previous } = request
  if (failed.id === 'outputWanted' && wanted)
    return end(say(failure, makeReason('OutputScriptOnly', { version: wanted.version })), {
      status: 'installed',
      installation: 'wanted',
    })
  if (previous && failed.id === 'uninstallPrevious') {
    const { version } = previous.installation
    const left =
      request.action === 'uninstall' || !wanted
        ? makeReason('LeftUnknown', { version })
        : makeReason('LeftUnknownNotInstalled', { version, wanted: wanted.version })
    return end(say(failure, left), { status: 'broken', installation: 'previous' })
  }
  const restore = planRestore(request)
  if (restore.length > 0) return planRestoring(request, failure, restore, history)
  if (wanted && !previous && failed.id === 'installWanted' && wasInterrupted(failure) && canRun(wanted, 'uninstall'))
    if (findPackageKind(wanted, 'install')) return planRemoving(wanted, failure, history)
  const old = wanted && findReplaced(wanted, previous)
  const left = wanted && old ? explainNotRestored(wanted, old) : []
  return end(say(failure, left), { status: 'broken', installation: 'wanted' })
}

const wasInterrupted = ({ state, reasonCode }: StepFailure) => state !== 'failed' || reasonCode === 'Interrupted'

/** The package manager would configure a half-configured package again at every later use. */
function planRemoving(wanted: PlannedInstallation, failure: StepFailure, history: InstallHistory): InstallDecision {
  const step = makeStep(
    'removeWanted',
    'wanted',
    'uninstall',
    `removing what is left of ${nameInstallation(wanted)}`,
    true,
  )
  const result = history[step.id]
  if (result?.status === 'failed') {
    const left = [...makeReason('LeftNotRemoved', { version: wanted.version }), ...result.failure.reason]
    return end(say(failure, left), { status: 'broken', installation: 'wanted' })
  }
  if (result?.status !== 'done') return decideOpen(step, result)
  return end(say(failure, makeReason('LeftRemoved', { version: wanted.version })), 'absent')
}

const explainNotRestored = (wanted: PlannedInstallation, old: PlannedInstallation): AgentReason =>
  wanted.configuration.scripts.update === undefined
    ? makeReason('NotPutBackWithoutScript', { version: old.version })
    : makeReason('PartsOfBoth', { from: old.version, to: wanted.version })

function planRestoring(
  { previous }: InstallRequest,
  failure: StepFailure,
  restore: readonly InstallStep[],
  history: InstallHistory,
): InstallDecision {
  const version = previous?.installation.version ?? 0
  for (const step of restore) {
    const result = history[step.id]
    if (result?.status === 'failed') {
      const reason = [...failure.reason, ...makeReason('NotPutBack', { version }), ...result.failure.reason]
      const { exitCode } = result.failure
      const outcome = {
        state: 'failed',
        reasonCode: 'RestoreFailed',
        reason,
        ...(exitCode === undefined ? {} : { exitCode }),
      } as const
      return end(outcome, { status: 'broken', installation: 'previous' })
    }
    if (result?.status !== 'done') return decideOpen(step, result)
  }
  return end(say(failure, makeReason('PutBack', { version })), { status: 'installed', installation: 'previous' })
}

function endWell(
  { action, wanted, previous, again }: ChangeRequest,
  forward: readonly InstallStep[],
  history: InstallHistory,
): InstallDecision {
  const also = forward
    .map(({ id }) => history[id])
    .flatMap((result) => (result?.status === 'done' ? (result.said ?? []) : []))
  const withDetails = (reason: AgentReason): AgentReason => [...reason, ...also]
  if (action === 'uninstall' || !wanted)
    return end(
      {
        state: 'succeeded',
        reasonCode: 'Succeeded',
        reason: previous ? withDetails(makeReason('Uninstalled', { version: previous.installation.version })) : [],
        exitCode: 0,
      },
      'absent',
    )
  const old = findReplaced(wanted, previous)
  const { version } = wanted
  const broken = previous?.status === 'broken' ? previous.installation.version : undefined
  const reason = old
    ? describeUpdate(wanted, old, forward)
    : again !== undefined
      ? [...makeReason('InstalledOnceMore', { version }), ...again]
      : broken === undefined
        ? makeReason('Installed', { version })
        : makeReason('InstalledOverBroken', { version, broken })
  return end(
    { state: 'succeeded', reasonCode: 'Succeeded', reason: withDetails(reason), exitCode: 0 },
    { status: 'installed', installation: 'wanted' },
  )
}

function endRun({ runWanted }: InstallHistory): InstallDecision {
  const { unchanged = false, said = makeReason('CommandSucceeded') } = runWanted?.status === 'done' ? runWanted : {}
  const reasonCode = unchanged ? 'AlreadyAsWanted' : 'Succeeded'
  return end({ state: 'succeeded', reasonCode, reason: said, exitCode: 0 }, 'none')
}

function describeUpdate(
  wanted: PlannedInstallation,
  old: PlannedInstallation,
  forward: readonly InstallStep[],
): AgentReason {
  const isRemoved =
    forward.some(({ id }) => id === 'updateWanted' || id === 'uninstallPrevious') || replacesPackage(wanted, old)
  const { version } = wanted
  return old.version === version
    ? makeReason('InstalledChanged', { version, over: !isRemoved })
    : makeReason('Updated', { from: old.version, to: version, over: !isRemoved })
}

const hasBegun = (result: StepResult | undefined) =>
  result !== undefined && (result.status !== 'failed' || result.began)

const say = (failure: StepFailure, more: AgentReason): StepFailure => ({
  ...failure,
  reason: [...failure.reason, ...more],
})

const end = (outcome: InvocationOutcome, change: InstalledChange): InstallDecision => ({ kind: 'end', outcome, change })

function makeStep(
  id: InstallStepId,
  installation: 'wanted' | 'previous',
  does: 'prepare' | 'verify' | ScriptKind,
  title: string,
  restoring = false,
): InstallStep {
  if (does === 'prepare' || does === 'verify') return { id, kind: does, installation, restoring, title }
  return { id, kind: 'run', script: does, installation, restoring, title }
}
