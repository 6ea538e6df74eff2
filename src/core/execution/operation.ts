import type { Action, ParameterValues } from '../extension/extension.ts'
import type { ExecutionId, ExtensionId } from '../id.ts'
import type { AgentBundleRefs } from '../instance/agent-program.ts'

/**
 * What an execution does on each of its targets: a closed union. Each layer that treats kinds
 * differently has a table with an entry per kind (ARCHITECTURE.md: how to add a kind of operation);
 * nothing else looks at the kind.
 */
export type Operation =
  | ExtensionOperation
  | ExtensionsOperation
  | CommandOperation
  | OsPackageOperation
  | AgentUpgradeOperation
  | RollbackOperation
export type OperationKind = Operation['kind']
export type OperationOf<Kind extends OperationKind> = Extract<Operation, { readonly kind: Kind }>

export const rebootPolicies = ['never', 'allowed'] as const
export type RebootPolicy = (typeof rebootPolicies)[number]

/** Whether the scripts of an operation may have their instance rebooted. */
export interface RebootOptions {
  /** Absent: never. */
  readonly reboot?: RebootPolicy | undefined
  /** From the decision to reboot to the return of the agent; absent: the default limit. */
  readonly rebootTimeoutMs?: number | undefined
}

/** Options of an action that do not change its goal. */
export interface ActionOptions extends RebootOptions {
  /** Install and update: also if the same version is installed. */
  readonly reinstall?: boolean | undefined
  /** OS packages may remove other packages, whatever their versions declare. */
  readonly allowRemovals?: boolean | undefined
  /**
   * Uninstall: OS packages that were installed automatically, and that nothing needs after the
   * removal, are removed too.
   */
  readonly autoremove?: boolean | undefined
}

/** Installs, uninstalls or updates one extension. */
export interface ExtensionOperation extends OperationPart, ActionOptions {
  readonly kind: 'extension'
  readonly action: Action
}

/**
 * Several extensions, one after the other on each instance: a part begins when the previous one has
 * succeeded. One task runs all of them, each with its own invocation.
 */
export interface ExtensionsOperation extends ActionOptions {
  readonly kind: 'extensions'
  readonly action: Action
  /** In this order; no extension twice. */
  readonly parts: readonly OperationPart[]
}

/** One extension version with its requested values. */
export interface OperationPart {
  readonly extensionId: ExtensionId
  readonly extensionName: string
  /**
   * Install and update: the requested version. Uninstall removes the version that each instance
   * has.
   */
  readonly version: number
  /**
   * The values for an instance without an installed version (with defaults); noEcho values are
   * absent here and stored encrypted beside it. Instances that have the extension keep theirs: see
   * parameter sets.
   */
  readonly parameters: ParameterValues
  readonly parametersDigest: string
  /**
   * Names of the values that were given. Absent in executions of releases that did not keep
   * installed values: all of them count as given.
   */
  readonly given?: readonly string[]
  /** Installed values are not kept. */
  readonly resetParameters?: boolean | undefined
}

/**
 * The command types of Cloud Assistant. A shell script may begin with `#!`, which then names its
 * interpreter.
 */
export const commandTypes = ['RunShellScript', 'RunPowerShellScript', 'RunBatScript'] as const
export type CommandType = (typeof commandTypes)[number]

/**
 * Runs a script from the request. It leaves no installed state, and commands never wait for each
 * other. The script itself is stored separately, because lists of executions do not need it.
 */
export interface CommandOperation extends Omit<CommandOptions, 'content'> {
  readonly kind: 'command'
  /** The script's values; secret ones are absent here and stored encrypted beside it. */
  readonly parameters: ParameterValues
  readonly parametersDigest: string
}

/** The options of a command, without its parameters. */
export interface CommandOptions extends RebootOptions {
  readonly type: CommandType
  readonly content: string
  /** OS user; absent: the agent's own (root). */
  readonly runAs?: string | undefined
  /** Absolute path of an existing folder; absent: a new workspace. */
  readonly workDir?: string | undefined
  readonly timeoutMs: number
  /**
   * False: `{{ name }}` is plain text; absent: it is replaced by a parameter, as in scripts of
   * extensions.
   */
  readonly placeholders?: boolean | undefined
}

export const osPackageActions = ['install', 'uninstall', 'update'] as const
export type OsPackageAction = (typeof osPackageActions)[number]
/** `auto`: the first of the others that an instance has. */
export const osPackageInstallers = ['auto', 'apt-get', 'yum', 'dnf', 'zypper'] as const
export type OsPackageInstaller = (typeof osPackageInstallers)[number]

/** Runs the OS package manager for packages of its own repositories. */
export interface OsPackageOperation extends OsPackageOptions {
  readonly kind: 'osPackage'
}

/** The request to the OS package manager. */
export interface OsPackageOptions {
  readonly action: OsPackageAction
  /** `auto` by default. */
  readonly installer: OsPackageInstaller
  /** Names accepted by `isOsPackageName`, at least one, no duplicates. */
  readonly names: readonly string[]
  readonly timeoutMs: number
  /**
   * Whether other packages may be removed; otherwise the operation fails where it would do that.
   */
  readonly allowRemovals?: boolean | undefined
  /**
   * Uninstall: packages that were installed automatically, and that nothing needs after the removal,
   * are removed too.
   */
  readonly autoremove?: boolean | undefined
}

/** Replaces the agents of the targets by the one that the server provides. */
export interface AgentUpgradeOperation {
  readonly kind: 'agentUpgrade'
  /** The version of the agent, as of the server when the plan was made. */
  readonly version: string
  readonly bundles: AgentBundleRefs
  /** Time for the new agent to connect; after it, the instance returns to the earlier one. */
  readonly connectTimeoutMs: number
}

/**
 * Returns every instance that an execution changed to the state before it. The parts are the
 * extensions that it changed, the last one first; which version each instance gets, or whether the
 * extension is removed, is in its task.
 */
export interface RollbackOperation extends RebootOptions {
  readonly kind: 'rollback'
  /** The execution that is rolled back. */
  readonly executionId: ExecutionId
  readonly parts: readonly OperationPart[]
}

/** Copies the set options of an action and drops all other fields. */
export const readActionOptions = ({
  reinstall,
  allowRemovals,
  autoremove,
  ...reboot
}: ActionOptions): ActionOptions => ({
  ...(reinstall ? { reinstall } : {}),
  ...(allowRemovals ? { allowRemovals } : {}),
  ...(autoremove ? { autoremove } : {}),
  ...readRebootOptions(reboot),
})

/** Copies the options if they allow a reboot, and drops all other fields. */
export const readRebootOptions = ({ reboot, rebootTimeoutMs }: RebootOptions): RebootOptions =>
  reboot === 'allowed' ? { reboot, ...(rebootTimeoutMs === undefined ? {} : { rebootTimeoutMs }) } : {}

/** The request: names and values as a client sends them, before anything is looked up. */
export type OperationRequest =
  | ExtensionRequest
  | ExtensionsRequest
  | CommandRequest
  | OsPackageRequest
  | AgentUpgradeRequest
  | RollbackRequest
export type RequestOf<Kind extends OperationKind> = Extract<OperationRequest, { readonly kind: Kind }>

/** Requests an action on one extension. */
export interface ExtensionRequest extends RequestedExtension, ActionOptions {
  readonly kind: 'extension'
  readonly action: Action
}

/** Requests an action on several extensions in order. */
export interface ExtensionsRequest extends ActionOptions {
  readonly kind: 'extensions'
  readonly action: Action
  readonly extensions: readonly RequestedExtension[]
}

/** A requested extension by name, with the given parameter values. */
export interface RequestedExtension {
  readonly extension: string
  /** Such as `v2`; absent: the latest that is not deprecated. Not for uninstall. */
  readonly version?: string | undefined
  readonly parameters: ParameterValues
  /** Installed values are not kept: values that are not given get the version's defaults. */
  readonly resetParameters?: boolean | undefined
}

/** Requests a command with its script and parameter values. */
export interface CommandRequest extends CommandOptions {
  readonly kind: 'command'
  readonly parameters: ParameterValues
  /** Names of parameters whose values are stored encrypted and never shown. */
  readonly noEcho: readonly string[]
}

/** Requests an action on OS packages. */
export interface OsPackageRequest extends OsPackageOptions {
  readonly kind: 'osPackage'
}

/** Requests the upgrade of agents to the version of the server. */
export interface AgentUpgradeRequest extends Pick<AgentUpgradeOperation, 'connectTimeoutMs'> {
  readonly kind: 'agentUpgrade'
}

/** Requests the rollback of an execution. */
export interface RollbackRequest extends RebootOptions {
  readonly kind: 'rollback'
  readonly executionId: ExecutionId
  /** Names of the extensions that it changed. */
  readonly extensions: readonly string[]
}

/**
 * A package name, optionally with an architecture or a version (`libc6:arm64`, `nginx=1.24-1`,
 * `nginx-1.24-1.el9`): it cannot be mistaken for an option or for apt's suffixes (`name-` removes),
 * and contains no characters that are special in shells or paths.
 */
export const isOsPackageName = (name: string) =>
  /^[A-Za-z0-9][A-Za-z0-9+._:=~-]{0,199}$/.test(name) && !name.endsWith('-')
