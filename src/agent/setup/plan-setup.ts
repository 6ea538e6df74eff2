import type {
  SetupAcceptRequest,
  SetupInstallRequest,
  SetupRemoveRequest,
  SetupSettleRequest,
  SetupStatusRequest,
  SetupUpgradeRequest,
} from './setup-request.ts'
import { agentCommand, renderGuard, renderUnit, startsProgramBelow, unitName } from './unit-file.ts'

/** What setup finds on the machine before it changes anything. */
export interface SetupFindings {
  readonly isRoot: boolean
  /** Undefined: systemd does not run here. */
  readonly systemd: ServiceState | undefined
  /** The text of the unit file; undefined if there is none. */
  readonly unit: string | undefined
  /** Whether the prefix exists. */
  readonly hasPrefix: boolean
  /** The folder in the prefix that `current` points to; undefined if there is no such link. */
  readonly current: string | undefined
  /** Names of the folders in the prefix that hold an agent. */
  readonly versions: readonly string[]
  readonly hasState: boolean
  /** Whether the state directory holds an identity, enrolled or not. */
  readonly hasIdentity: boolean
  /** What STATE/identity.json says; undefined until the machine is enrolled. */
  readonly enrolment: StoredEnrolment | undefined
  /** The process that holds the state directory. */
  readonly agent: AgentProcess | undefined
}

export interface ServiceState {
  /** Also while systemd waits to start it again. */
  readonly isActive: boolean
  readonly isEnabled: boolean
  /** 0: no process. */
  readonly mainPid: number
}

export interface StoredEnrolment {
  readonly instanceId: string
  readonly serverUrl: string
}

export interface AgentProcess {
  readonly pid: number
  /** Whether its executable is below the prefix. */
  readonly isInstalled: boolean
}

/** One change, or one message, in the order in which they happen. */
export type SetupStep =
  | { readonly kind: 'say'; readonly text: string }
  | { readonly kind: 'enrol'; readonly server: string }
  /** Binds the identity to this machine. */
  | { readonly kind: 'acceptMachine' }
  /** Decides how to verify the server, before anything is stopped. */
  | { readonly kind: 'trust'; readonly server: string }
  | { readonly kind: 'stopService' }
  | { readonly kind: 'switchVersion'; readonly version: string }
  | { readonly kind: 'writeUnit'; readonly unit: string }
  | { readonly kind: 'startService' }
  | { readonly kind: 'restartOnUndo' }
  | { readonly kind: 'restartService' }
  | { readonly kind: 'awaitConnection'; readonly version: string; readonly withinMs: number }
  /** From now on a reboot does not leave an unproven version. */
  | { readonly kind: 'writeGuard'; readonly unit: string }
  | { readonly kind: 'removeGuard' }
  | { readonly kind: 'removeVersions'; readonly versions: readonly string[] }
  | { readonly kind: 'removeService' }
  | { readonly kind: 'stopAgent'; readonly pid: number }
  | { readonly kind: 'removeCurrent' }
  | { readonly kind: 'removePrefix' }
  | { readonly kind: 'removeState' }

export interface Refusal {
  /** Why nothing is changed, and what to do. */
  readonly refusal: string
}

export type RemovalPlan = { readonly steps: readonly SetupStep[] } | Refusal

/** `server` is the address that the agent connects to. */
export type InstallPlan = { readonly steps: readonly SetupStep[]; readonly server: string } | Refusal

const say = (text: string): SetupStep => ({ kind: 'say', text })

/**
 * Installs a version, or replaces another one by it: both are the same steps. Whatever can be refused is refused here.
 * @param version the folder in the prefix that the running program is in; undefined if it is elsewhere
 */
export function planInstall(
  request: SetupInstallRequest,
  found: SetupFindings,
  version: string | undefined,
): InstallPlan {
  const { prefix, state } = request
  const { enrolment, agent, systemd } = found
  const server = request.server ?? enrolment?.serverUrl
  if (version === undefined)
    return { refusal: `this program is not in a folder of ${prefix}; install.sh unpacks it there` }
  if (server === undefined) return { refusal: 'the address of the server is unknown; set it with --server URL' }
  if (enrolment === undefined && request.tokenFile === undefined)
    return { refusal: 'this machine is not enrolled: a join token is needed, in a file named by --token-file' }
  const hasService = request.useService && systemd !== undefined
  if (hasService && !found.isRoot)
    return {
      refusal:
        'only root can set up the service: run this with sudo, or with --no-service and your own --prefix and --state',
    }
  if (agent !== undefined && hasService && agent.pid !== systemd.mainPid)
    return { refusal: `an agent runs as process ${agent.pid} outside the service; stop it and run this again` }
  if (agent !== undefined && request.isForeground)
    return { refusal: `an agent runs as process ${agent.pid} with ${state}; stop it and run this again` }

  const replaced = found.current === version ? undefined : found.current
  const outdated = found.versions.filter((name) => name !== version && name !== found.current)
  return {
    server,
    steps: [
      ...planEnrolment(server, enrolment),
      ...(hasService && systemd.isActive ? [{ kind: 'stopService' } as const] : []),
      { kind: 'switchVersion', version },
      ...(hasService ? [{ kind: 'writeUnit', unit: renderUnit(request, server) } as const] : []),
      ...(hasService ? [{ kind: 'startService' } as const] : []),
      ...(outdated.length > 0 ? [{ kind: 'removeVersions', versions: outdated } as const] : []),
      say(`agent ${version} is installed in ${prefix}${replaced === undefined ? '' : `; it replaces ${replaced}`}`),
      ...planRun(request, found, server),
    ],
  }
}

/** Why an upgrade is impossible; undefined if it is possible. */
export function refuseUpgrade(
  { prefix }: SetupUpgradeRequest,
  { isRoot, systemd, agent, current, enrolment }: SetupFindings,
): string | undefined {
  if (!isRoot) return 'only root can upgrade the agent'
  if (current === undefined || enrolment === undefined) return `no agent in ${prefix} is enrolled; run install.sh`
  if (systemd === undefined || agent === undefined || agent.pid !== systemd.mainPid)
    return 'the agent does not run as a systemd service: install the new version with install.sh and restart the agent yourself'
  return undefined
}

/**
 * Switches to another version and waits until it has connected to the server; on a failure, all of
 * it is undone and the earlier version runs again. From the switch on, each moment leaves a version
 * that systemd starts: a killed setup leaves no machine without an agent.
 * @param unit the unit file of the new version
 */
export function planUpgrade(
  request: SetupUpgradeRequest,
  { current, versions }: SetupFindings,
  unit: string,
): readonly SetupStep[] {
  const { program, withinMs } = request
  const outdated = versions.filter((name) => name !== program && name !== current)
  return [
    ...(current === undefined || current === program
      ? []
      : [{ kind: 'writeGuard', unit: renderGuard(request, { earlier: current, program, withinMs }) } as const]),
    { kind: 'restartOnUndo' },
    { kind: 'switchVersion', version: program },
    { kind: 'writeUnit', unit },
    { kind: 'restartService' },
    { kind: 'awaitConnection', version: program, withinMs },
    { kind: 'removeGuard' },
    ...(outdated.length > 0 ? [{ kind: 'removeVersions', versions: outdated } as const] : []),
    say(`agent ${program}${current === program ? '' : ` replaces ${current} and`} is connected`),
  ]
}

/**
 * What the earlier version does when the machine has booted in the middle of an upgrade and the new
 * version has not connected.
 * @param own the folder of the earlier version
 */
export const planReturn = ({ program }: SetupSettleRequest, own: string, unit: string): readonly SetupStep[] => [
  { kind: 'switchVersion', version: own },
  { kind: 'writeUnit', unit },
  { kind: 'restartService' },
  { kind: 'removeGuard' },
  say(`agent ${program} did not connect after a reboot; the earlier agent, ${own}, runs again`),
]

function planEnrolment(server: string, enrolment: StoredEnrolment | undefined): SetupStep[] {
  if (enrolment === undefined) return [{ kind: 'enrol', server }]
  const { instanceId, serverUrl } = enrolment
  const known = say(`this machine is already instance ${instanceId}: it keeps its identity`)
  const trust: SetupStep = { kind: 'trust', server }
  if (serverUrl === server) return [trust, known]
  return [
    trust,
    known,
    say(`note: it was enrolled at ${serverUrl}. If ${server} is another server, it refuses this agent`),
  ]
}

function planRun(request: SetupInstallRequest, { systemd, agent }: SetupFindings, server: string): SetupStep[] {
  if (request.isForeground) return []
  if (request.useService && systemd !== undefined)
    return [say(`systemd runs it: systemctl status ${unitName}, journalctl -u ${unitName}`)]
  const command = say(`  ${agentCommand(request, server)}`)
  if (agent !== undefined)
    return [say(`an agent runs as process ${agent.pid}: restart it, so that it uses this version`), command]
  return [say('no service starts it: systemd does not run here, or --no-service was given. To run it:'), command]
}

/** Binds the identity to this machine, after a change of its hardware, and starts the agent. */
export function planAcceptance(request: SetupAcceptRequest, found: SetupFindings): RemovalPlan {
  const { prefix, state } = request
  const { unit, agent, enrolment, systemd, isRoot } = found
  if (enrolment === undefined) return { refusal: `${state} holds no enrolled identity: there is nothing to accept` }
  if (agent !== undefined) return { refusal: `an agent runs as process ${agent.pid}: it accepts this machine already` }
  const hasService = unit !== undefined && startsProgramBelow(unit, prefix) && systemd !== undefined
  if (hasService && !isRoot) return { refusal: 'only root can start the service: run this with sudo' }
  return {
    steps: [
      { kind: 'acceptMachine' },
      ...(hasService ? [{ kind: 'startService' } as const] : []),
      say(
        `the server compares the machine, too: if it refuses the agent, an operator runs "chandler instance release ${enrolment.instanceId}"`,
      ),
    ],
  }
}

/** Removes service, agent and program, and the state directory on request. What is not there is not missed. */
export function planRemoval(request: SetupRemoveRequest, found: SetupFindings): RemovalPlan {
  const { prefix, state, isPurge } = request
  const { unit, agent, enrolment, hasState, systemd } = found
  const hasService = request.useService && unit !== undefined && startsProgramBelow(unit, prefix)
  if (hasService && !found.isRoot) return { refusal: 'only root can remove the service: run this with sudo' }
  if (isPurge && agent !== undefined && !agent.isInstalled)
    return { refusal: `an agent that is not in ${prefix} runs as process ${agent.pid} with ${state}; stop it first` }
  if (isPurge && hasState && !found.hasIdentity)
    return {
      refusal: `${state} holds no identity of an agent, so it is not removed. If it belongs to the agent, remove it yourself`,
    }
  const isStoppedByService = hasService && systemd !== undefined && agent?.pid === systemd.mainPid
  const hasProgram = found.current !== undefined || found.versions.length > 0
  const steps: SetupStep[] = []
  if (hasService) steps.push({ kind: 'removeService' }, say(`removed the service ${unitName}`))
  if (agent?.isInstalled && !isStoppedByService)
    steps.push({ kind: 'stopAgent', pid: agent.pid }, say(`ended the agent that ran as process ${agent.pid}`))
  if (found.current !== undefined) steps.push({ kind: 'removeCurrent' })
  if (found.versions.length > 0) steps.push({ kind: 'removeVersions', versions: found.versions })
  if (found.hasPrefix) steps.push({ kind: 'removePrefix' })
  steps.push(say(hasProgram ? `removed the agent from ${prefix}` : `no agent is installed in ${prefix}`))
  if (hasState && isPurge) steps.push({ kind: 'removeState' }, say(`removed ${state}`))
  if (hasState && !isPurge)
    steps.push(say(`kept ${state}: it holds the identity of this instance. --purge removes it, or: rm -r ${state}`))
  if (enrolment !== undefined)
    steps.push(
      say(`the server still knows the instance; to remove it there: chandler instance remove ${enrolment.instanceId}`),
    )
  return { steps }
}

/** Lines for an operator; `isRunning` is what the exit code says. */
export function describeSetup(
  { prefix, state }: SetupStatusRequest,
  { current, versions, enrolment, agent, unit, systemd }: SetupFindings,
): { readonly lines: readonly string[]; readonly isRunning: boolean } {
  const others = versions.filter((name) => name !== current)
  const service =
    unit === undefined || !startsProgramBelow(unit, prefix)
      ? 'none'
      : systemd === undefined
        ? 'unit file only; systemd does not run'
        : `${systemd.isActive ? 'active' : 'inactive'}, ${systemd.isEnabled ? 'enabled' : 'disabled'}`
  const lines = [
    ['version', current ?? 'none installed'],
    ['other versions', others.join(', ') || 'none'],
    ['prefix', prefix],
    ['state', state],
    ['instance', enrolment?.instanceId ?? 'not enrolled'],
    ['server', enrolment?.serverUrl ?? 'none'],
    ['service', service],
    ['process', agent === undefined ? 'none' : `${agent.pid}${agent.isInstalled ? '' : ` (not of ${prefix})`}`],
  ].map(([label, value]) => `${label}:`.padEnd(16) + value)
  return { lines, isRunning: current !== undefined && agent !== undefined }
}
