import { readFile, readlink, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { OperatorError } from '../../lib/operator-error.ts'
import { enrolmentRecordShape } from '../../protocol/agent-shapes.ts'
import { tryShape } from '../../protocol/shape.ts'
import type { Platform } from '../platform/platform.ts'
import { findStateHolder } from '../state/state-directory.ts'
import type { AgentProcess, SetupFindings, StoredEnrolment } from './plan-setup.ts'
import { listInstalledVersions, orUndefined, readCurrent } from './program-folders.ts'
import type { SetupPlaces } from './setup-request.ts'
import { readService, type SystemdPlaces } from './systemd.ts'

/** Reads everything that the plan needs; changes nothing. Rejects with OperatorError when this user may not read it. */
export async function findOnMachine(
  { prefix, state }: SetupPlaces,
  { systemd, isRoot }: { readonly systemd: SystemdPlaces; readonly isRoot: boolean },
  platform: Platform,
): Promise<SetupFindings> {
  const [service, unit, hasPrefix, current, versions, hasState, identity, agent] = await Promise.all([
    readService(systemd),
    orUndefined(readFile(systemd.unitFile, 'utf8')),
    exists(prefix),
    readCurrent(prefix),
    listInstalledVersions(prefix),
    exists(state),
    readIdentityFile(state),
    findAgent(prefix, state, platform),
  ])
  return {
    isRoot,
    systemd: service,
    unit,
    hasPrefix,
    current,
    versions,
    hasState,
    hasIdentity: identity !== undefined,
    enrolment: identity === undefined ? undefined : parseEnrolment(identity),
    agent,
  }
}

const exists = async (path: string) => (await orUndefined(stat(path))) !== undefined

/** Who this machine is enrolled as, and where; undefined before enrolment. */
export async function readStoredEnrolment(state: string): Promise<StoredEnrolment | undefined> {
  const identity = await readIdentityFile(state)
  return identity === undefined ? undefined : parseEnrolment(identity)
}

const readIdentityFile = (state: string): Promise<string | undefined> =>
  orUndefined(readFile(join(state, 'identity.json'), 'utf8')).catch((error: Error) => refuseToRead(error))

/** Only read: an agent that runs may replace the file at any moment. A damaged one is reported by the agent, with what to do. */
function parseEnrolment(identity: string): StoredEnrolment | undefined {
  try {
    return tryShape(enrolmentRecordShape, JSON.parse(identity))
  } catch {
    return undefined
  }
}

async function findAgent(prefix: string, state: string, platform: Platform): Promise<AgentProcess | undefined> {
  const pid = await findStateHolder(state, platform).catch((error: Error) => refuseToRead(error))
  if (pid === undefined) return undefined
  const real = (await orUndefined(realpath(prefix))) ?? prefix
  // Unreadable for another user, and gone if the process has just ended: not one of this prefix.
  const executable = await readlink(`/proc/${pid}/exe`).catch(() => '')
  return { pid, isInstalled: executable.startsWith(`${real}/`) }
}

function refuseToRead(error: Error): never {
  throw new OperatorError(`${error.message}; run this as root, or as the user that runs the agent`, { cause: error })
}
