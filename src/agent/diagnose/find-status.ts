import { X509Certificate } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { OperatorError } from '../../lib/operator-error.ts'
import { storedTrustShape } from '../../protocol/agent-shapes.ts'
import { tryShape } from '../../protocol/shape.ts'
import { readAgentVersion } from '../facts/agent-version.ts'
import { createPlatform } from '../platform/create-platform.ts'
import { readStoredEnrolment } from '../setup/find-on-machine.ts'
import { readConnectionRecord } from '../state/connection-record.ts'
import { findStateHolder } from '../state/state-directory.ts'

/** What the state directory says about an agent. Times are milliseconds since 1970. */
export interface AgentStatus {
  readonly version: string
  readonly stateDirectory: string
  readonly server: string | undefined
  readonly instanceId: string | undefined
  /** Process id of the running agent. */
  readonly process: number | undefined
  /** The version that the server accepted last; `isRunning`: it is the running process. */
  readonly connection: { readonly program: string; readonly isRunning: boolean } | undefined
  /** How the server is verified. */
  readonly trust: 'system' | 'file' | 'pinned'
  /** When the pinned CA, or the last of several during a rotation, expires. */
  readonly caExpiresAt: number | undefined
  /** Ids of invocations that the agent has not finished, or not reported completely. */
  readonly openInvocations: readonly string[]
}

/**
 * Reads the status of the agent with this state directory; changes nothing.
 * @throws OperatorError if there is no such directory, or this user may not read it
 */
export async function findStatus(stateDirectory: string): Promise<AgentStatus> {
  await stat(stateDirectory).catch((error: NodeJS.ErrnoException) => refuse(stateDirectory, error))
  const [enrolment, process, connection, trust, open] = await Promise.all([
    readStoredEnrolment(stateDirectory),
    findStateHolder(stateDirectory, createPlatform()),
    readConnectionRecord(stateDirectory),
    readTrust(stateDirectory),
    readdir(join(stateDirectory, 'invocations')).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      return refuse(stateDirectory, error)
    }),
  ])
  return {
    version: readAgentVersion(),
    stateDirectory,
    server: enrolment?.serverUrl,
    instanceId: enrolment?.instanceId,
    process,
    connection: connection && { program: connection.program, isRunning: connection.pid === process },
    ...trust,
    openInvocations: open.sort((a, b) => a.localeCompare(b)),
  }
}

function refuse(path: string, { code, message }: NodeJS.ErrnoException): never {
  throw new OperatorError(
    code === 'ENOENT'
      ? `${path} does not exist: no agent was installed here, or it has another state directory (--state)`
      : `${message}; run this as root or administrator, or as the user that runs the agent`,
  )
}

async function readTrust(stateDirectory: string): Promise<Pick<AgentStatus, 'trust' | 'caExpiresAt'>> {
  const text = await readFile(join(stateDirectory, 'server-trust.json'), 'utf8').catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '{}'
      return refuse(stateDirectory, error)
    },
  )
  const stored = tryShape(storedTrustShape, parse(text)) ?? {}
  if (stored.pinned === undefined)
    return { trust: stored.caFile === undefined ? 'system' : 'file', caExpiresAt: undefined }
  const expiries = stored.pinned.certificates.map((pem) => Date.parse(new X509Certificate(pem).validTo))
  return { trust: 'pinned', caExpiresAt: Math.max(...expiries) }
}

/** A damaged file is what the agent itself reports, with what to do. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
