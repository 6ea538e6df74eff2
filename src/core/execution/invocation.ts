import type { Action, Configuration, ParameterType, ParameterValues } from '../extension/extension.ts'
import type { ExecutionId, InvocationId } from '../id.ts'
import type { AgentReasonCode } from './execution.ts'
import type { OsPackageOptions } from './operation.ts'

/**
 * The life of one attempt of a task, from the server's side.
 *
 *   queued ─► sent ─► accepted ─► waiting ─► downloading ─► running ─► verifying ─► succeeded
 *     │         │         └──────────┴────────────┴────────────┴───────────┴──────► failed · timedOut · cancelled
 *     └─► withdrawn (never handed out)  └─► lost (handed out, no word)
 *
 * `waiting`: the agent has journalled it and begins it when other work there has ended; every heartbeat of the agent moves its deadline.
 * `queued`: no agent was given it; it can be withdrawn and then certainly never runs.
 * `sent`: handed out. It is handed out again until the agent says it has journalled it.
 * Words may arrive late, twice or out of order; a word with a lower sequence number than the last one is an echo.
 */
export const invocationStates = [
  'queued',
  'sent',
  'accepted',
  'waiting',
  'downloading',
  'running',
  'verifying',
  'succeeded',
  'failed',
  'timedOut',
  'cancelled',
  'withdrawn',
  'lost',
] as const
export type InvocationState = (typeof invocationStates)[number]

export const openInvocationStates = [
  'queued',
  'sent',
  'accepted',
  'waiting',
  'downloading',
  'running',
  'verifying',
] as const satisfies InvocationState[]

const endStates = ['succeeded', 'failed', 'timedOut', 'cancelled'] as const satisfies InvocationState[]

/** From a state on: later states may be heard before earlier ones, and an agent's end corrects what was called lost. */
const forwardFrom = (state: (typeof openInvocationStates)[number]): readonly InvocationState[] => [
  ...openInvocationStates.slice(openInvocationStates.indexOf(state) + 1),
  ...endStates,
  'lost',
]

/** The drawing above as a table. */
export const invocationMoves: Readonly<Record<InvocationState, readonly InvocationState[]>> = {
  queued: ['sent', 'withdrawn'],
  sent: forwardFrom('sent'),
  accepted: forwardFrom('accepted'),
  waiting: forwardFrom('waiting'),
  downloading: forwardFrom('downloading'),
  running: forwardFrom('running'),
  verifying: forwardFrom('verifying'),
  succeeded: [],
  failed: [],
  timedOut: [],
  cancelled: [],
  withdrawn: [],
  lost: endStates,
}

export const isInvocationOpen = (state: InvocationState) => (openInvocationStates as readonly string[]).includes(state)

/** The end an agent reports. */
export interface InvocationOutcome {
  readonly state: 'succeeded' | 'failed' | 'timedOut' | 'cancelled'
  readonly reasonCode: AgentReasonCode
  /** One sentence for people. */
  readonly reason: string
  /** Exit code of the script that decided it; absent if no script ran or it was ended by a signal. */
  readonly exitCode?: number
  /** What the output script printed, at most 8 KiB. */
  readonly output?: string
  /** What the instance has of the extension now; absent = as before. */
  readonly installed?: InstalledOutcome
}

export type InstalledOutcome =
  | { readonly status: 'absent' }
  | {
      readonly status: 'installed' | 'broken'
      readonly version: number
      readonly configurationId: string
      readonly parametersDigest: string
      readonly contentDigest?: string | undefined
    }

/** One recipe of a version with the values it runs with. */
export interface InvocationConfiguration {
  readonly version: number
  readonly configuration: RecipeConfiguration
  readonly parameters: ParameterValues
  readonly parametersDigest: string
  /** Of the configuration as the server keeps it: two versions of one number may differ, after a backup was restored. */
  readonly contentDigest?: string | undefined
}

/** A configuration with the parameters that its version declares: what its scripts may name, also where an action does not take them. */
export interface RecipeConfiguration extends Configuration {
  readonly parameterTypes?: Readonly<Record<string, ParameterType>> | undefined
}

/** What an agent is given: all that it needs to carry out one attempt of a task. */
export interface Invocation {
  readonly id: InvocationId
  readonly executionId: ExecutionId
  /** What it changes: one at a time of it is carried out. An extension's id, or for what is of no extension its mutation key. */
  readonly extensionId: string
  /** Empty for what is of no extension. */
  readonly extensionName: string
  /** `run`: the install script of `wanted` is a command, or `osPackages` is to be done; nothing is installed by it. */
  readonly action: Action | 'run'
  readonly osPackages?: OsPackages
  /** Install and update: what is wanted. */
  readonly wanted?: InvocationConfiguration
  /** What the server believes is installed; the agent's own record, where it has one, goes first. */
  readonly installed?: InvocationConfiguration
  /** Install: also where the instance confirms that the very same is installed. */
  readonly reinstall?: boolean | undefined
  /** OS packages may remove other packages, whatever the version says. */
  readonly allowRemovals?: boolean | undefined
  /** Where the wanted artifact is fetched; it expires. */
  readonly artifactUrl?: string
  /** What scripts may name beside their parameters, by names without `ACS::` (see template/placeholder.ts). Absent: braces are text. */
  readonly builtins?: Readonly<Record<string, string>>
}

/** What is asked of the package manager of the OS. */
export type OsPackages = Pick<OsPackageOptions, 'action' | 'installer' | 'names' | 'allowRemovals'>
