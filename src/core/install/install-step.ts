import type { InvocationOutcome } from '../execution/invocation.ts'
import type { ScriptKind } from '../extension/extension.ts'
import type { AgentReason } from './agent-reason.ts'
import type { InstallStepId } from './install-step-ids.ts'

/**
 * `prepare`: download the artifact, set up the workspace, check that the scripts can run. `run`:
 * one script, or the OS package manager instead. `verify`: the checks. Only `run` changes the
 * instance; the other two may be repeated.
 */
export interface InstallStep {
  readonly id: InstallStepId
  readonly kind: 'prepare' | 'run' | 'verify'
  readonly installation: 'wanted' | 'previous'
  readonly script?: ScriptKind
  /** Restoring the old version: has its own time limit and is not cancelled. */
  readonly restoring: boolean
  /** For display, such as `uninstalling v1`. */
  readonly title: string
}

/** Why a step failed. */
export type StepFailure = Pick<InvocationOutcome, 'reasonCode' | 'reason' | 'exitCode'> & {
  readonly state: 'failed' | 'timedOut' | 'cancelled'
}

/** `began` of a failure: whether its script may have had effects. */
export type StepResult =
  | { readonly status: 'begun' }
  | {
      readonly status: 'done'
      /** It found nothing to do. */
      readonly unchanged?: boolean | undefined
      /** Its own description of what it did. */
      readonly said?: AgentReason | undefined
      /**
       * Its script requested a reboot: `due` until the machine has rebooted; `refused` if it may
       * not reboot. `underway`: the machine was rebooting already when the script ended. `done`:
       * it has rebooted since the script began.
       */
      readonly reboot?: 'due' | 'underway' | 'done' | 'refused' | undefined
    }
  | { readonly status: 'failed'; readonly began: boolean; readonly failure: StepFailure }

/** The results of the steps done so far. */
export type InstallHistory = { readonly [Id in InstallStepId]?: StepResult | undefined }
