import type { OsFamily } from '../../core/instance/facts.ts'
import type { AgentStatus } from './find-status.ts'

/** What was found on the machine and at the server, besides the status. */
export interface MachineFindings {
  readonly family: OsFamily
  /** Root, or an administrator with elevated rights. */
  readonly isPrivileged: boolean
  /** Of the file system of the state directory. */
  readonly freeBytes: number
  readonly freeInodes: number
  /** Permission bits of the state directory; undefined on Windows, which has none. */
  readonly stateMode: number | undefined
  readonly server: ServerFindings | undefined
  /** Processes that hold the lock of a package manager; undefined on Windows, whose lock no program can look at. */
  readonly packageLocks: readonly { readonly name: string; readonly pid: number }[] | undefined
  readonly now: number
}

/** The answer of the server, or why there is none. */
export type ServerFindings =
  | {
      readonly status: number
      /** Its clock minus this machine's. */
      readonly clockAheadMs: number | undefined
      /** When its certificate expires; absent without TLS. */
      readonly certificateExpiresAt: number | undefined
    }
  | { readonly error: string }

export type CheckVerdict = 'ok' | 'warning' | 'failed'

export interface Check {
  readonly name: string
  readonly verdict: CheckVerdict
  /** What was found and, unless it is fine, what to do. */
  readonly text: string
}

const minFreeBytes = 200 * 1024 * 1024
const minFreeInodes = 1_000
/** Certificates are not valid for machines whose clock is far off; times of reports look wrong before that. */
const tolerableClockMs = 30_000
const dayMs = 86_400_000
const renewBeforeMs = 14 * dayMs

/** What `chandler-agent doctor` reports, in this order. */
export function judgeMachine(status: AgentStatus, found: MachineFindings): Check[] {
  return [
    judgeEnrolment(status),
    judgeProcess(status, found),
    ...judgeServer(status, found),
    ...judgeExpiry('pinned CA', status.caExpiresAt, found.now, 'run the join command of the server again'),
    judgeDisk(status, found),
    judgePermissions(status, found),
    ...judgeLocks(found),
  ]
}

const check = (name: string, verdict: CheckVerdict, text: string): Check => ({ name, verdict, text })

const judgeEnrolment = ({ instanceId, server, stateDirectory }: AgentStatus): Check =>
  instanceId === undefined
    ? check('enrolment', 'failed', `${stateDirectory} holds no instance id: run the join command of the server`)
    : check('enrolment', 'ok', `${instanceId} at ${server}`)

function judgeProcess({ process, connection, stateDirectory }: AgentStatus, { family }: MachineFindings): Check {
  const remedy = {
    linux: 'systemctl start chandler-agent, then journalctl -u chandler-agent',
    windows: `sc.exe start ChandlerAgent, then read ${stateDirectory}\\agent.log`,
  }[family]
  if (process === undefined) return check('process', 'failed', `no agent runs: ${remedy}`)
  return connection?.isRunning
    ? check('process', 'ok', `process ${process}, accepted by the server as ${connection.program}`)
    : check('process', 'warning', `process ${process} has not been accepted by the server yet: see its log`)
}

function judgeServer({ server: url }: AgentStatus, { server, now }: MachineFindings): Check[] {
  if (server === undefined) return []
  if ('error' in server) return [check('server', 'failed', server.error)]
  const { status, clockAheadMs, certificateExpiresAt } = server
  const isHealthy = status === 200
  const reached = isHealthy
    ? check('server', 'ok', `${url} answers`)
    : check('server', 'failed', `${url} answers ${status}: check the server, and proxies in between`)
  return [
    reached,
    ...judgeExpiry('certificate', certificateExpiresAt, now, 'renew the certificate of the server'),
    ...(clockAheadMs === undefined ? [] : [judgeClock(clockAheadMs)]),
  ]
}

function judgeClock(aheadMs: number): Check {
  const seconds = Math.round(Math.abs(aheadMs) / 1_000)
  if (Math.abs(aheadMs) <= tolerableClockMs)
    return check('clock', 'ok', `within ${Math.max(seconds, 1)} s of the server`)
  return check('clock', 'failed', `${seconds} s ${aheadMs > 0 ? 'behind' : 'ahead of'} the server: set up NTP`)
}

function judgeExpiry(name: string, expiresAt: number | undefined, now: number, remedy: string): Check[] {
  if (expiresAt === undefined) return []
  const at = new Date(expiresAt).toISOString().slice(0, 10)
  if (expiresAt <= now) return [check(name, 'failed', `expired on ${at}: ${remedy}`)]
  if (expiresAt - now < renewBeforeMs) return [check(name, 'warning', `expires on ${at}: ${remedy}`)]
  return [check(name, 'ok', `valid until ${at}`)]
}

function judgeDisk({ stateDirectory }: AgentStatus, { freeBytes, freeInodes }: MachineFindings): Check {
  const free = `${Math.floor(freeBytes / 1024 / 1024)} MiB free in ${stateDirectory}`
  // Some file systems have no fixed number of them, and report 0.
  if (freeInodes > 0 && freeInodes < minFreeInodes)
    return check('disk', 'failed', `${freeInodes} inodes free in ${stateDirectory}: remove files`)
  return freeBytes < minFreeBytes ? check('disk', 'failed', `${free}: make room`) : check('disk', 'ok', free)
}

function judgePermissions({ stateDirectory }: AgentStatus, found: MachineFindings): Check {
  const { family, isPrivileged, stateMode } = found
  if (family === 'windows')
    return isPrivileged
      ? check('permissions', 'ok', 'administrator')
      : check(
          'permissions',
          'warning',
          'not an administrator: run this in a console that was opened with "Run as administrator"',
        )
  if (stateMode !== undefined && (stateMode & 0o022) !== 0)
    return check('permissions', 'failed', `other users can change ${stateDirectory}: chmod go-w ${stateDirectory}`)
  return isPrivileged
    ? check('permissions', 'ok', `root; ${stateDirectory} is writable by root only`)
    : check('permissions', 'warning', 'not root: package managers, reboots and runAs need root')
}

function judgeLocks({ packageLocks }: MachineFindings): Check[] {
  if (packageLocks === undefined) return []
  if (packageLocks.length === 0) return [check('package manager', 'ok', 'not locked')]
  const holders = packageLocks.map(({ name, pid }) => `${name} (process ${pid})`).join(', ')
  return [check('package manager', 'warning', `locked by ${holders}: executions of packages wait for it`)]
}
