import type { StoredEnrolment } from '../plan-setup.ts'
import type {
  SetupAcceptRequest,
  SetupInstallRequest,
  SetupRemoveRequest,
  SetupUpgradeRequest,
} from '../setup-request.ts'

/** The name of the service; chandler-host.c has it, too. */
export const serviceName = 'ChandlerAgent'

/** What setup finds on a Windows machine before it changes anything. */
export interface WindowsFindings {
  readonly isAdministrator: boolean
  readonly service: 'none' | 'stopped' | 'running'
  /** Command line of the service; undefined without a service. */
  readonly serviceCommand: string | undefined
  /** The folder in the prefix that the service starts; undefined if there is none. */
  readonly current: string | undefined
  /** Names of the folders in the prefix that hold an agent. */
  readonly versions: readonly string[]
  readonly hasState: boolean
  readonly enrolment: StoredEnrolment | undefined
  /** The process that holds the state directory. */
  readonly holder: number | undefined
}

/** One change, or one message, in the order in which they happen. */
export type WindowsStep =
  | { readonly kind: 'say'; readonly text: string }
  /** Gives the state directory to SYSTEM and administrators only. */
  | { readonly kind: 'protectState' }
  | { readonly kind: 'enrol'; readonly server: string }
  | { readonly kind: 'trust'; readonly server: string }
  | { readonly kind: 'stopService' }
  /** Copies the service host out of the version, so that it outlives the version. */
  | { readonly kind: 'placeHost'; readonly version: string }
  | { readonly kind: 'switchVersion'; readonly version: string }
  | { readonly kind: 'writeService'; readonly command: string; readonly isNew: boolean }
  | { readonly kind: 'startService' }
  /** Fails if the version does not run on this machine. */
  | { readonly kind: 'checkProgram'; readonly version: string }
  | { readonly kind: 'restartOnUndo' }
  | { readonly kind: 'restartService' }
  | { readonly kind: 'awaitConnection'; readonly version: string; readonly withinMs: number }
  /** Binds the identity to this machine. */
  | { readonly kind: 'acceptMachine' }
  | { readonly kind: 'removeService' }
  | { readonly kind: 'removeVersions'; readonly versions: readonly string[] }
  | { readonly kind: 'removeProgram' }
  | { readonly kind: 'removeState' }

export type WindowsPlan = { readonly steps: readonly WindowsStep[] } | { readonly refusal: string }

const say = (text: string): WindowsStep => ({ kind: 'say', text })

const notAdministrator = { refusal: 'run this as an administrator ("Run as administrator")' }

/** None of these contains a quotation mark (parseSetupRequest). */
export const renderServiceCommand = (
  { prefix, state }: { readonly prefix: string; readonly state: string },
  server: string,
): string => `"${prefix}\\chandler-host.exe" service "${prefix}" "${state}" "${server}"`

/**
 * Installs a version, or replaces another one by it.
 * @param version the folder in the prefix that the running program is in; undefined if it is elsewhere
 */
export function planWindowsInstall(
  request: SetupInstallRequest,
  found: WindowsFindings,
  version: string | undefined,
): WindowsPlan {
  const { prefix, state } = request
  const { enrolment, service } = found
  const server = request.server ?? enrolment?.serverUrl
  if (!found.isAdministrator) return notAdministrator
  if (request.isForeground) return { refusal: '--foreground is not supported on Windows; the agent runs as a service' }
  if (version === undefined)
    return { refusal: `this program is not in a folder of ${prefix}; install.ps1 unpacks it there` }
  if (server === undefined) return { refusal: 'the address of the server is unknown; set it with --server URL' }
  if (enrolment === undefined && request.tokenFile === undefined)
    return { refusal: 'this machine is not enrolled: a join token is needed, in a file named by --token-file' }
  if (found.holder !== undefined && service !== 'running')
    return { refusal: `an agent runs as process ${found.holder} outside the service; stop it and run this again` }
  const command = renderServiceCommand(request, server)
  const outdated = found.versions.filter((name) => name !== version && name !== found.current)
  const replaced = found.current === version ? undefined : found.current
  const steps: WindowsStep[] = [{ kind: 'protectState' }]
  if (enrolment === undefined) steps.push({ kind: 'enrol', server })
  else
    steps.push(
      { kind: 'trust', server },
      say(`this machine is already instance ${enrolment.instanceId}: it keeps its identity`),
    )
  if (request.useService && service === 'running') steps.push({ kind: 'stopService' })
  if (request.useService) steps.push({ kind: 'placeHost', version })
  steps.push({ kind: 'switchVersion', version })
  if (request.useService) {
    if (found.serviceCommand !== command) steps.push({ kind: 'writeService', command, isNew: service === 'none' })
    steps.push({ kind: 'startService' })
  }
  if (outdated.length > 0) steps.push({ kind: 'removeVersions', versions: outdated })
  steps.push(
    say(`agent ${version} is installed in ${prefix}${replaced === undefined ? '' : `; it replaces ${replaced}`}`),
    say(
      request.useService
        ? `the service ${serviceName} runs it; its log is ${state}\\agent.log`
        : `no service starts it, as --no-service asks`,
    ),
  )
  return { steps }
}

/**
 * Switches to another version that is in the prefix, and waits until it has connected to the server. On a failure, all of
 * it is undone and the earlier version runs again.
 */
export function planWindowsUpgrade(
  { prefix, program, withinMs }: SetupUpgradeRequest,
  { isAdministrator, service, holder, current, enrolment, versions }: WindowsFindings,
): WindowsPlan {
  if (!isAdministrator) return notAdministrator
  if (current === undefined || enrolment === undefined)
    return { refusal: `no agent in ${prefix} is enrolled; run install.ps1` }
  if (service !== 'running' || holder === undefined)
    return {
      refusal: `the agent does not run as the service ${serviceName}: install the new version with install.ps1 and restart the agent yourself`,
    }
  const outdated = versions.filter((name) => name !== program && name !== current)
  return {
    steps: [
      { kind: 'checkProgram', version: program },
      { kind: 'restartOnUndo' },
      { kind: 'placeHost', version: program },
      { kind: 'switchVersion', version: program },
      { kind: 'restartService' },
      { kind: 'awaitConnection', version: program, withinMs },
      ...(outdated.length > 0 ? [{ kind: 'removeVersions', versions: outdated } as const] : []),
      say(`agent ${program}${current === program ? '' : ` replaces ${current} and`} is connected`),
    ],
  }
}

/** Binds the identity to this machine, after a change of its hardware, and starts the agent. */
export function planWindowsAcceptance(
  { state }: SetupAcceptRequest,
  { isAdministrator, enrolment, holder, service }: WindowsFindings,
): WindowsPlan {
  if (!isAdministrator) return notAdministrator
  if (enrolment === undefined) return { refusal: `${state} holds no enrolled identity: there is nothing to accept` }
  if (holder !== undefined) return { refusal: `an agent runs as process ${holder}: it accepts this machine already` }
  const start: readonly WindowsStep[] =
    service === 'none'
      ? []
      : [...(service === 'running' ? [{ kind: 'stopService' } as const] : []), { kind: 'startService' }]
  return {
    steps: [
      { kind: 'acceptMachine' },
      ...start,
      say(
        `the server compares the machine, too: if it refuses the agent, an operator runs "chandler instance release ${enrolment.instanceId}"`,
      ),
    ],
  }
}

/** Removes service and program, and the state directory on request. What is not there is not missed. */
export function planWindowsRemoval(request: SetupRemoveRequest, found: WindowsFindings): WindowsPlan {
  const { prefix, state, isPurge } = request
  if (!found.isAdministrator) return notAdministrator
  if (found.holder !== undefined && found.service !== 'running')
    return { refusal: `an agent runs as process ${found.holder} outside the service; stop it and run this again` }
  if (isPurge && found.hasState && found.enrolment === undefined)
    return {
      refusal: `${state} holds no identity of an agent, so it is not removed. If it belongs to the agent, remove it yourself`,
    }
  const steps: WindowsStep[] = []
  if (found.service === 'running') steps.push({ kind: 'stopService' })
  if (found.service !== 'none') steps.push({ kind: 'removeService' }, say(`removed the service ${serviceName}`))
  steps.push({ kind: 'removeProgram' }, say(`removed the agent from ${prefix}`))
  if (found.hasState && isPurge) steps.push({ kind: 'removeState' }, say(`removed ${state}`))
  if (found.hasState && !isPurge)
    steps.push(say(`kept ${state}: it holds the identity of this instance. --purge removes it`))
  if (found.enrolment !== undefined)
    steps.push(
      say(
        `the server still knows the instance; to remove it there: chandler instance remove ${found.enrolment.instanceId}`,
      ),
    )
  return { steps }
}

/** The state in what `sc query` prints; it exits with 1060 without a service. */
export function parseServiceState(text: string): 'stopped' | 'running' {
  // Pending states count as running: the service has a process.
  return /^\s*STATE\s*:\s*1\b/m.test(text) ? 'stopped' : 'running'
}
