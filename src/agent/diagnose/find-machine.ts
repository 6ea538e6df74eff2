import { readFile, stat, statfs } from 'node:fs/promises'
import type { TLSSocket } from 'node:tls'
import { systemClock } from '../../lib/clock.ts'
import { silentLogger } from '../../lib/logger.ts'
import { readBody, requestHttp, resolveBelow } from '../connection/http-request.ts'
import { openServerTrust } from '../connection/server-trust.ts'
import { createPlatform } from '../platform/create-platform.ts'
import { hasFileModes } from '../platform/file-modes.ts'
import { readProxyEnvironment } from '../platform/proxy-environment.ts'
import type { AgentStatus } from './find-status.ts'
import type { MachineFindings, ServerFindings } from './judge-machine.ts'

/** Looks at the machine, and asks the server whether it is healthy. */
export async function findMachine(status: AgentStatus): Promise<MachineFindings> {
  const { stateDirectory } = status
  const { family, isPrivileged } = createPlatform()
  const [{ bavail, bsize, ffree }, { mode }, server, packageLocks] = await Promise.all([
    statfs(stateDirectory),
    stat(stateDirectory),
    status.server === undefined ? undefined : askServer(status.server, stateDirectory),
    family === 'linux' ? findPackageLocks() : undefined,
  ])
  return {
    family,
    isPrivileged,
    freeBytes: bavail * bsize,
    freeInodes: ffree,
    stateMode: hasFileModes ? mode & 0o777 : undefined,
    server,
    packageLocks,
    now: systemClock.now(),
  }
}

const timeoutMs = 10_000
const maxAnswerBytes = 64 * 1024

/** Over the same proxies and with the same trusted CAs as the agent. */
async function askServer(server: string, stateDirectory: string): Promise<ServerFindings> {
  const url = resolveBelow(server, '/healthz')
  try {
    const proxyEnv = readProxyEnvironment()
    const trust = await openServerTrust(server, {}, { stateDirectory, proxyEnv, clock: systemClock, log: silentLogger })
    try {
      const signal = AbortSignal.timeout(timeoutMs)
      const response = await requestHttp(url, { idleTimeoutMs: timeoutMs, agent: trust.agentFor(url), signal })
      const now = systemClock.now()
      const certificate = (response.socket as Partial<TLSSocket>).getPeerCertificate?.()
      await readBody(response, maxAnswerBytes)
      const date = Date.parse(response.headers.date ?? '')
      return {
        status: response.statusCode ?? 0,
        clockAheadMs: Number.isNaN(date) ? undefined : date - now,
        certificateExpiresAt: certificate?.valid_to === undefined ? undefined : Date.parse(certificate.valid_to),
      }
    } catch (error) {
      return { error: `${server} cannot be reached: ${trust.explain(error as NodeJS.ErrnoException, url)}` }
    }
  } catch (error) {
    return { error: (error as Error).message }
  }
}

/** Files that package managers lock with fcntl(2) while they change the machine. */
const lockFiles = [
  ['dpkg', '/var/lib/dpkg/lock'],
  ['apt', '/var/lib/dpkg/lock-frontend'],
  ['rpm', '/var/lib/rpm/.rpm.lock'],
  ['rpm', '/usr/lib/sysimage/rpm/.rpm.lock'],
] as const

async function findPackageLocks(): Promise<NonNullable<MachineFindings['packageLocks']>> {
  const locks = parseLocks(await readFile('/proc/locks', 'utf8').catch(() => ''))
  const found = await Promise.all(
    lockFiles.map(async ([name, path]) => {
      const inode = (await stat(path).catch(() => undefined))?.ino
      const pid = inode === undefined ? undefined : locks.get(inode)
      return pid === undefined ? [] : [{ name, pid }]
    }),
  )
  return found.flat()
}

/** Process ids by inode, from lines such as `1: POSIX ADVISORY WRITE 123 08:01:456 0 EOF`. */
export function parseLocks(text: string): Map<number, number> {
  const locks = new Map<number, number>()
  for (const line of text.split('\n')) {
    const [, pid, inode] = /^\d+: \S+ +\S+ +WRITE +(\d+) +[0-9a-f]+:[0-9a-f]+:(\d+) /.exec(line) ?? []
    if (pid !== undefined && inode !== undefined) locks.set(Number(inode), Number(pid))
  }
  return locks
}
