import { rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Clock } from '../../lib/clock.ts'
import { OperatorError } from '../../lib/operator-error.ts'
import { writeFileDurably } from '../../lib/write-file-durably.ts'
import { readFingerprint } from '../connection/fingerprint.ts'
import { acceptMachine } from '../connection/identity.ts'
import type { Platform } from '../platform/platform.ts'
import type { Undo } from './apply-steps.ts'
import { awaitAgent } from './await-agent.ts'
import { awaitConnection } from './await-connection.ts'
import type { SetupFindings, SetupStep } from './plan-setup.ts'
import { orUndefined, removeIfEmpty, switchCurrent } from './program-folders.ts'
import type { SetupPlaces } from './setup-request.ts'
import { runSystemctl, type SystemdPlaces } from './systemd.ts'
import { environmentFileOf, guardUnitName, unitName } from './unit-file.ts'

export interface StepContext {
  readonly places: SetupPlaces
  readonly found: SetupFindings
  readonly systemd: SystemdPlaces
  readonly platform: Platform
  readonly clock: Clock
  readonly say: (text: string) => void
  /** The process that holds the state directory. */
  readonly readHolder: () => Promise<number | undefined>
  /** Enrols the machine at a server. */
  readonly enrol: (server: string) => Promise<void>
  /** Interrupts waiting. */
  readonly signal: AbortSignal
  /** Decides how to verify the server. */
  readonly trust: (server: string) => Promise<void>
  /** Forward proxies for the service. */
  readonly proxyEnv: Readonly<Record<string, string>>
}

const stopPatienceMs = 30_000
const stopPollMs = 100

/** Carries one step out, and registers how to put its changes back. */
export async function performStep(step: SetupStep, onUndo: (undo: Undo) => void, context: StepContext): Promise<void> {
  const { places, found, systemd, say } = context
  const run = (failure: string, ...args: string[]) => runSystemctl(systemd, args, failure)
  switch (step.kind) {
    case 'say':
      return say(step.text)
    case 'enrol':
      await context.enrol(step.server)
      // The server knows the instance from now on, and the token is used: the next installation continues with this key.
      return onUndo(() =>
        Promise.reject(new OperatorError(`this machine stays enrolled, with its key in ${places.state}`)),
      )
    case 'trust':
      return context.trust(step.server)
    case 'acceptMachine': {
      const isChanged = await acceptMachine(places.state, await readFingerprint())
      return say(
        isChanged
          ? `the identity in ${places.state} belongs to this machine now`
          : `the identity in ${places.state} belongs to this machine already`,
      )
    }
    case 'stopService':
      onUndo(() => run(`systemd does not start ${unitName}`, 'start', unitName))
      return run(`systemd does not stop ${unitName}`, 'stop', unitName)
    case 'switchVersion':
      await switchCurrent(places.prefix, step.version)
      return onUndo(() => restoreCurrent(places.prefix, found.current))
    case 'writeUnit':
      onUndo(() => restoreUnit(found.unit, systemd))
      await writeEnvironment(places.state, context.proxyEnv)
      return writeUnit(step.unit, systemd)
    case 'startService':
      onUndo(() => {
        const verb = found.systemd?.isEnabled ? ['stop'] : ['disable', '--now']
        return run(`systemd does not stop ${unitName}`, ...verb, unitName)
      })
      await run(`systemd does not enable ${unitName}`, 'enable', unitName)
      await run(
        `systemd does not start the agent (see systemctl status ${unitName} and journalctl -u ${unitName})`,
        'start',
        unitName,
      )
      return awaitAgent(context)
    case 'restartOnUndo':
      return onUndo(async () => {
        await run(`systemd does not restart ${unitName}`, 'restart', unitName)
        say(`the earlier agent, ${found.current}, runs again`)
      })
    case 'restartService':
      return run(`systemd does not restart ${unitName}`, 'restart', unitName)
    case 'awaitConnection':
      return awaitConnection(step, {
        ...context,
        state: places.state,
        server: found.enrolment?.serverUrl,
        log: `journalctl -u ${unitName}`,
      })
    case 'writeGuard':
      onUndo(() => removeGuard(systemd))
      await writeFileDurably(guardFileOf(systemd), step.unit, { mode: 0o644 })
      return run(`systemd does not enable ${guardUnitName}`, 'enable', guardUnitName)
    case 'removeGuard':
      return removeGuard(systemd)
    case 'removeService':
      if (found.systemd !== undefined) await run(`systemd does not stop ${unitName}`, 'disable', '--now', unitName)
      await rm(systemd.unitFile, { force: true })
      if (found.systemd !== undefined) await removeGuard(systemd)
      if (found.systemd !== undefined) await reloadUnits(systemd)
      return
    case 'stopAgent':
      return stopAgent(step.pid, context)
    case 'removeCurrent':
      return rm(join(places.prefix, 'current'), { force: true })
    case 'removeVersions':
      for (const version of step.versions) await rm(join(places.prefix, version), { recursive: true, force: true })
      return
    case 'removePrefix':
      return removeIfEmpty(places.prefix, () => say(`${places.prefix} holds other files and stays`))
    case 'removeState':
      return rm(places.state, { recursive: true, force: true })
  }
}

const guardFileOf = ({ unitFile }: SystemdPlaces) => join(dirname(unitFile), guardUnitName)

async function removeGuard(systemd: SystemdPlaces): Promise<void> {
  if ((await orUndefined(stat(guardFileOf(systemd)))) === undefined) return
  await runSystemctl(systemd, ['disable', guardUnitName], `systemd does not disable ${guardUnitName}`)
  await rm(guardFileOf(systemd), { force: true })
  await reloadUnits(systemd)
}

const restoreCurrent = (prefix: string, current: string | undefined) =>
  current === undefined ? rm(join(prefix, 'current'), { force: true }) : switchCurrent(prefix, current)

/**
 * The proxies of this installation, for the service. A proxy's address may hold a password, which
 * every user could read in the unit file. Without any, an earlier file stays.
 */
async function writeEnvironment(state: string, proxyEnv: Readonly<Record<string, string>>): Promise<void> {
  const lines = Object.entries(proxyEnv).map(([name, value]) => {
    if (!/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(value))
      throw new OperatorError(`the variable ${name} has characters that do not belong in the address of a proxy`)
    return `${name}="${value}"\n`
  })
  if (lines.length > 0) await writeFileDurably(environmentFileOf(state), lines.join(''))
}

async function writeUnit(unit: string, systemd: SystemdPlaces): Promise<void> {
  await writeFileDurably(systemd.unitFile, unit, { mode: 0o644 })
  await reloadUnits(systemd)
}

async function restoreUnit(unit: string | undefined, systemd: SystemdPlaces): Promise<void> {
  if (unit !== undefined) return writeUnit(unit, systemd)
  await rm(systemd.unitFile, { force: true })
  await reloadUnits(systemd)
}

const reloadUnits = (systemd: SystemdPlaces) =>
  runSystemctl(systemd, ['daemon-reload'], 'systemd does not reload its unit files')

async function stopAgent(pid: number, { platform, clock }: StepContext): Promise<void> {
  const identity = platform.identifyProcess(pid)
  if (identity === undefined) return
  try {
    process.kill(pid, 'SIGTERM')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH')
      throw new OperatorError(`cannot end the agent, process ${pid}: run this as its user`, { cause: error })
  }
  const startedAt = clock.monotonicMs()
  while (platform.identifyProcess(pid) === identity) {
    if (clock.monotonicMs() - startedAt >= stopPatienceMs)
      throw new OperatorError(`the agent, process ${pid}, has not ended within ${stopPatienceMs / 1_000} seconds`)
    await clock.wait(stopPollMs)
  }
}
