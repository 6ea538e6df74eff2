import type { Action, Configuration, ParameterType, ParameterValues } from '../extension/extension.ts'
import type { ExecutionId, InvocationId } from '../id.ts'
import type { AgentReason } from '../install/agent-reason.ts'
import { defaultRebootTimeoutMs } from '../limits.ts'
import type { TreeProof } from '../trust/hash-tree.ts'
import type { AgentReasonCode } from './execution.ts'
import type { OsPackageOptions, RebootOptions } from './operation.ts'

/**
 * The life cycle of one attempt of a task on the server's side.
 *
 *   queued ─► sent ─► accepted ─► waiting ─► downloading ─► running ─► verifying ─► succeeded
 *     │        │          └──────────┴────────────┴────────────┴──────────┴──► failed · timedOut ·
 *     │        │                                                               cancelled
 *     │        │             downloading · running · verifying ◄─► rebooting ─► as above
 *     │        └─► lost (handed out, no report)
 *     └─► withdrawn (never handed out)
 *
 * - `queued`: not handed out; it can be withdrawn and then certainly never runs.
 * - `sent`: handed out. It is handed out again until the agent confirms that it has journalled it.
 * - `waiting`: the agent has journalled it and begins it after other work there; every heartbeat of
 *   the agent moves its deadline.
 *
 * - `rebooting`: a script requested a reboot; the machine is rebooting, or about to. Afterwards the
 *   invocation returns to an earlier state. Each reboot begins a new round of the states, and a
 *   report says in which round it is.
 *
 * Reports may arrive late, twice or out of order; one that is not further than the last
 * (`findProgressRank`) is ignored.
 */
export const invocationStates = [
  'queued',
  'sent',
  'accepted',
  'waiting',
  'downloading',
  'running',
  'verifying',
  'rebooting',
  'succeeded',
  'failed',
  'timedOut',
  'cancelled',
  'withdrawn',
  'lost',
] as const
export type InvocationState = (typeof invocationStates)[number]

/** The states of an invocation that has not ended. */
export const openInvocationStates = [
  'queued',
  'sent',
  'accepted',
  'waiting',
  'downloading',
  'running',
  'verifying',
  'rebooting',
] as const satisfies InvocationState[]

const endStates = ['succeeded', 'failed', 'timedOut', 'cancelled'] as const satisfies InvocationState[]

/**
 * The states after a state: reports of later states may arrive before earlier ones, and an agent's
 * end corrects a lost invocation.
 */
const forwardFrom = (state: (typeof openInvocationStates)[number]): readonly InvocationState[] => [
  ...openInvocationStates.slice(openInvocationStates.indexOf(state) + 1),
  ...endStates,
  'lost',
]

/** The states to which an invocation can return after a reboot. */
const afterReboot = ['downloading', 'running', 'verifying'] as const satisfies InvocationState[]

/** The diagram above as a table. */
export const invocationMoves: Readonly<Record<InvocationState, readonly InvocationState[]>> = {
  queued: ['sent', 'withdrawn'],
  sent: forwardFrom('sent'),
  accepted: forwardFrom('accepted'),
  waiting: forwardFrom('waiting'),
  downloading: forwardFrom('downloading'),
  running: forwardFrom('running'),
  verifying: forwardFrom('verifying'),
  rebooting: [...afterReboot, ...endStates, 'lost'],
  succeeded: [],
  failed: [],
  timedOut: [],
  cancelled: [],
  withdrawn: [],
  lost: endStates,
}

/**
 * How far a reported state is: by the number of reboots before it, then by the order of the states.
 * `rebooting` is the first state of its round.
 */
export const findProgressRank = (state: InvocationState, reboots: number): number =>
  reboots * progressRound + (state === 'rebooting' ? 0 : 1 + (openInvocationStates as readonly string[]).indexOf(state))

/** More than there are states. */
export const progressRound = 100

/** Whether an invocation has not ended. */
export const isInvocationOpen = (state: InvocationState) => (openInvocationStates as readonly string[]).includes(state)

/** The end that an agent reports. */
export interface InvocationOutcome {
  readonly state: 'succeeded' | 'failed' | 'timedOut' | 'cancelled'
  readonly reasonCode: AgentReasonCode
  readonly reason: AgentReason
  /** Exit code of the deciding script; absent if no script ran or a signal ended it. */
  readonly exitCode?: number
  /** The output of the output script, at most 8 KiB. */
  readonly output?: string
  /** The state of the extension on the instance; absent: unchanged. */
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

/** A configuration of a version with its parameter values. */
export interface InvocationConfiguration {
  readonly version: number
  readonly configuration: TypedConfiguration
  readonly parameters: ParameterValues
  readonly parametersDigest: string
  /**
   * Digest of the server's configuration: two versions with the same number may differ after a
   * restore from a backup.
   */
  readonly contentDigest?: string | undefined
  readonly signed?: SignedBytes | undefined
}

/** What a publisher or the release key signed, and the signatures. */
export interface SignedBytes {
  /** As text; signatures are over its UTF-8 bytes. */
  readonly canonical: string
  readonly signatures: readonly string[]
}

/**
 * A configuration with the parameters that its version declares: scripts may use them even if an
 * action does not take them.
 */
export interface TypedConfiguration extends Configuration {
  readonly parameterTypes?: Readonly<Record<string, ParameterType>> | undefined
}

/** Everything that an agent needs to run one attempt of a task. */
export interface Invocation {
  readonly id: InvocationId
  readonly executionId: ExecutionId
  /**
   * The object that it changes, one invocation at a time: an extension's id, or without an
   * extension its mutation key.
   */
  readonly extensionId: string
  /** Empty without an extension. */
  readonly extensionName: string
  /**
   * `run`: the install script of `wanted` is a command, or `osPackages` or `agentUpgrade` is set; it
   * installs no extension.
   */
  readonly action: Action | 'run'
  readonly osPackages?: OsPackages
  readonly agentUpgrade?: AgentUpgrade
  /** Install and update: the requested version. */
  readonly wanted?: InvocationConfiguration
  /**
   * The installed version as the server knows it; the agent's own record, if any, takes precedence.
   */
  readonly installed?: InvocationConfiguration
  /** Install: also if the instance confirms that the same version is installed. */
  readonly reinstall?: boolean | undefined
  /** OS packages may remove other packages, whatever the version declares. */
  readonly allowRemovals?: boolean | undefined
  /** Uninstall: OS packages that become unneeded are removed too. An older agent keeps them. */
  readonly autoremove?: boolean | undefined
  /** The URL of the wanted artifact; it expires. */
  readonly artifactUrl?: string
  /**
   * Built-in values for scripts besides the parameters, by names without `ACS::` (see
   * template/placeholder.ts). Absent: braces are plain text.
   */
  readonly builtins?: Readonly<Record<string, string>>
  /** The machine may be rebooted when a script requests it. Absent: it may not. */
  readonly reboot?: RebootAllowance
  /** Of an execution that approvers sign. */
  readonly signedPlan?: SignedPlan
}

/** What approvers signed, and what shows that an invocation is part of it. */
export interface SignedPlan extends SignedBytes {
  /** Index of its work in the plan. */
  readonly work: number
  readonly proof: TreeProof
  /** Of the digests of secret values. */
  readonly salt: string
  /** Names of secret parameters. */
  readonly secret: readonly string[]
}

/** The permission to reboot. */
export interface RebootAllowance {
  /** The time from the decision to reboot to the return of the agent, in milliseconds. */
  readonly timeoutMs: number
}

/** The request to replace the agent by the one in the artifact of `wanted`. */
export interface AgentUpgrade {
  /** The name of the unpacked agent: see agent-program.ts. */
  readonly program: string
  /** Time for it to connect. */
  readonly connectTimeoutMs: number
}

/** The permission that the options of an operation give to its invocations, if any. */
export const allowReboot = ({ reboot, rebootTimeoutMs }: RebootOptions): Pick<Invocation, 'reboot'> =>
  reboot === 'allowed' ? { reboot: { timeoutMs: rebootTimeoutMs ?? defaultRebootTimeoutMs } } : {}

/** The request to the OS package manager. */
export type OsPackages = Pick<OsPackageOptions, 'action' | 'installer' | 'names' | 'allowRemovals' | 'autoremove'>

/**
 * Whether the agent has to check a signature: of the version that it installs, or of the one that
 * it puts back if that fails.
 */
export const requiresSignature = ({ action, wanted, installed }: Invocation): boolean =>
  action !== 'uninstall' && [wanted, installed].some((one) => one?.configuration.run.signature === 'required')

/** The invocation in the form of agents that know no signature policies. */
export const withoutSignature = ({ wanted, installed, ...invocation }: Invocation): Invocation => ({
  ...invocation,
  ...(wanted && { wanted: omitSignature(wanted) }),
  ...(installed && { installed: omitSignature(installed) }),
})

function omitSignature(one: InvocationConfiguration): InvocationConfiguration {
  const { signature: _signature, ...run } = one.configuration.run
  return { ...one, configuration: { ...one.configuration, run } }
}
