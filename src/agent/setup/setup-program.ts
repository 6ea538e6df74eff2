import { execFile } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { type Clock, systemClock } from '../../lib/clock.ts'
import { digestFile } from '../../lib/digest.ts'
import { createProcessLogger } from '../../lib/logger.ts'
import { OperatorError } from '../../lib/operator-error.ts'
import { TrustFileInvalid } from '../../protocol/trust-file.ts'
import { ArgumentError } from '../argument-error.ts'
import { openServerTrust } from '../connection/server-trust.ts'
import { readTokenStream } from '../connection/token-file.ts'
import { runAgent } from '../main.ts'
import { createPlatform } from '../platform/create-platform.ts'
import { defaultStateDirectory } from '../platform/default-folders.ts'
import { ownProgramFolder } from '../platform/executable.ts'
import { readProxyEnvironment } from '../platform/proxy-environment.ts'
import { findStateHolder } from '../state/state-directory.ts'
import { createStopSignal } from '../stop-signal.ts'
import { placeTrustFile, readTrustFile } from '../trust/code-trust.ts'
import { applySteps, interruption, StepsFailed } from './apply-steps.ts'
import { describeFailedProgram } from './describe-failed-program.ts'
import { describeSystemError, isSystemError } from './describe-system-error.ts'
import { findOnMachine, readStoredEnrolment } from './find-on-machine.ts'
import { performStep } from './perform-step.ts'
import {
  describeSetup,
  planAcceptance,
  planInstall,
  planRemoval,
  planReturn,
  planUpgrade,
  refuseUpgrade,
  type SetupFindings,
  type SetupStep,
} from './plan-setup.ts'
import { bringsLibraries, findOwnVersion, placeProgram, readCurrent, removeIfEmpty } from './program-folders.ts'
import {
  type Discarded,
  findDiscarded,
  parseSetupRequest,
  type SetupInstallRequest,
  type SetupRequest,
  type SetupSettleRequest,
  type SetupUpgradeRequest,
} from './setup-request.ts'
import { type SystemdPlaces, systemdPlaces } from './systemd.ts'
import { renderUnit, startsProgramBelow } from './unit-file.ts'

const runProgramFile = promisify(execFile)

const usage = `usage: chandler-agent setup install [options]    install the version that this program is, in place of another one
       chandler-agent setup upgrade [options]    replace the running agent, and go back if the new one does not connect
       chandler-agent setup remove [options]     remove the agent from this machine
       chandler-agent setup trust --trust FILE   replace the trust file, whatever is there
       chandler-agent setup status [options]     show what is installed; exit code 0 if the agent runs, else 1
       chandler-agent setup unit [options]       print the unit file of the systemd service
       chandler-agent setup accept-machine [options]
                                                 accept this machine after a change of its hardware or machine id

  --prefix DIR        where the program is (default: where this one is installed)
  --state DIR         state directory of the agent (default: ${defaultStateDirectory})

install:
  --server URL        address of the server (default: where this machine is enrolled); also for unit
  --token-file FILE   file with a join token, - for standard input; needed until the machine is enrolled
  --name NAME         name of the instance (default: the host name); used at enrolment
  --tag KEY=VALUE     tag of the instance, if the token allows the key (repeatable); used at enrolment
  --ca-sha256 DIGEST  SHA-256 of the CA of the server, from the join command; checked and pinned
  --ca FILE           file with the CAs that verify the server, in PEM (default: those of the system)
  --insecure-http     accept plain HTTP beyond loopback: others on the network can run scripts on this machine
  --trust FILE        trust file: run only what its keys have signed (see docs/security.md)
  --no-service        set up no systemd service
  --foreground        the same, and run the agent in this process
  --discard-on-failure program|prefix
                      when the installation fails, remove this program, or the empty prefix, too

upgrade:
  --from DIR          folder with the unpacked new version; its files are moved
  --program NAME      name of the new version in the prefix: VERSION-DIGEST
  --within SECONDS    time for the new version to connect (default: 120)

remove:
  --no-service        leave the systemd service as it is
  --purge             remove the state directory, too`

/** What setup uses of the machine; a test gives its own. */
export interface SetupSurroundings {
  readonly systemd: SystemdPlaces
  readonly isRoot: boolean
  readonly clock: Clock
  /** The process that holds a state directory. */
  readonly readHolder: (state: string) => Promise<number | undefined>
  /** The folder of the running program. */
  readonly programFolder: string
  readonly print: (line: string) => void
  readonly printError: (line: string) => void
}

const surroundings: SetupSurroundings = {
  systemd: systemdPlaces,
  isRoot: process.getuid?.() === 0,
  clock: systemClock,
  readHolder: (state) => findStateHolder(state, createPlatform()),
  programFolder: ownProgramFolder,
  print: (line) => process.stdout.write(`${line}\n`),
  printError: (line) => process.stderr.write(`${line}\n`),
}

/**
 * `chandler-agent setup`: installs, upgrades, removes and shows the agent of this machine. Gives the exit code: 0 done,
 * 1 failed (an installation is then as it was before, or the message says what is not), 2 wrong arguments.
 */
export async function runSetup(args: readonly string[], around: SetupSurroundings = surroundings): Promise<number> {
  const discarded = findDiscarded(args)
  try {
    return await run(parseSetupRequest(args, dirname(around.programFolder)), around)
  } catch (error) {
    if (discarded !== undefined) await discard(discarded, around)
    if (error instanceof ArgumentError) {
      around.printError(`chandler: ${error.message} (see chandler-agent setup --help)`)
      return 2
    }
    const isExpected = error instanceof OperatorError || error instanceof StepsFailed || isSystemError(error)
    if (!isExpected) throw error
    around.printError(`chandler: ${describeFailure(error)}`)
    return 1
  }
}

function describeFailure(error: Error): string {
  if (!(error instanceof StepsFailed)) return describeSystemError(error)
  if (error.unfinished.length > 0)
    return `${error.message}. What was changed before is undone, except: ${error.unfinished.join('; ')}`
  return error.hadChanges ? `${error.message}. What was changed before is undone` : error.message
}

async function run(request: SetupRequest, around: SetupSurroundings): Promise<number> {
  if (process.platform === 'win32') return runOnWindows(request, around)
  switch (request.command) {
    case 'help':
      around.print(usage)
      return 0
    case 'digest':
      around.print((await digestFile(request.file ?? process.execPath)).sha256)
      return 0
    case 'install':
      return install(request, around)
    case 'upgrade':
      await upgrade(request, around)
      return 0
    case 'settle':
      return settle(request, around)
    case 'remove': {
      const found = await findOnMachine(request, around, createPlatform())
      const plan = planRemoval(request, found)
      if ('refusal' in plan) throw new OperatorError(plan.refusal)
      await apply(plan.steps, request, found, around, notInstalling)
      return 0
    }
    case 'trust': {
      const text = await readTrust(request.trustFile)
      if (!(await findOnMachine(request, around, createPlatform())).hasState)
        throw new OperatorError(`${request.state} does not exist: install the agent with --trust ${request.trustFile}`)
      const { version, expires } = await placeTrustFile(request.state, text)
      around.print(`trust file version ${version} is in effect; it expires at ${expires}`)
      return 0
    }
    case 'accept-machine': {
      const found = await findOnMachine(request, around, createPlatform())
      const plan = planAcceptance(request, found)
      if ('refusal' in plan) throw new OperatorError(plan.refusal)
      await apply(plan.steps, request, found, around, notInstalling)
      return 0
    }
    case 'status': {
      const { lines, isRunning } = describeSetup(request, await findOnMachine(request, around, createPlatform()))
      for (const line of lines) around.print(line)
      return isRunning ? 0 : 1
    }
    case 'unit': {
      const server = request.server ?? (await readStoredEnrolment(request.state))?.serverUrl
      if (server === undefined)
        throw new ArgumentError('the address of the server is unknown; set it with --server URL')
      around.print(renderUnit(request, server).trimEnd())
      return 0
    }
  }
}

/** The same for a Windows service. */
async function runOnWindows(request: SetupRequest, around: SetupSurroundings): Promise<number> {
  const { describeOnWindows, findOnWindows } = await import('./windows/find-on-windows.ts')
  const { planWindowsAcceptance, planWindowsInstall, planWindowsRemoval, planWindowsUpgrade } = await import(
    './windows/plan-windows-setup.ts'
  )
  const { performWindowsStep } = await import('./windows/perform-windows-step.ts')
  switch (request.command) {
    case 'help':
      around.print(usage)
      return 0
    case 'status': {
      const { lines, isRunning } = describeOnWindows(request, await findOnWindows(request, around.readHolder))
      for (const line of lines) around.print(line)
      return isRunning ? 0 : 1
    }
    case 'trust': {
      const { version, expires } = await placeTrustFile(request.state, await readTrust(request.trustFile))
      around.print(`trust file version ${version} is in effect; it expires at ${expires}`)
      return 0
    }
    case 'install':
    case 'remove': {
      const installs = request.command === 'install'
      const token = installs && request.tokenFile === '-' ? await readTokenStream(process.stdin) : undefined
      const found = await findOnWindows(request, around.readHolder)
      const own = await findOwnVersion(request.prefix, around.programFolder)
      const plan = installs ? planWindowsInstall(request, found, own) : planWindowsRemoval(request, found)
      if ('refusal' in plan) throw new OperatorError(plan.refusal)
      const trustFile = installs && request.trustFile !== undefined ? await readTrust(request.trustFile) : undefined
      using stop = createStopSignal(undefined, ['SIGTERM', 'SIGINT', 'SIGHUP'])
      const { signal } = stop
      const { clock, print } = around
      const context = {
        places: request,
        found,
        clock,
        signal,
        say: print,
        readHolder: () => around.readHolder(request.state),
        proxyEnv: readProxyEnvironment(),
        ...(installs ? makeEnrolment(request, token, trustFile, found, around, signal) : notInstalling),
      }
      await applySteps(plan.steps, (step, onUndo) => performWindowsStep(step, onUndo, context), signal)
      return 0
    }
    case 'accept-machine':
    case 'upgrade': {
      const found = await findOnWindows(request, around.readHolder)
      const plan =
        request.command === 'upgrade' ? planWindowsUpgrade(request, found) : planWindowsAcceptance(request, found)
      if ('refusal' in plan) throw new OperatorError(plan.refusal)
      using stop = createStopSignal(undefined, ['SIGTERM', 'SIGINT', 'SIGHUP'])
      const { signal } = stop
      const { clock, print } = around
      const readHolder = () => around.readHolder(request.state)
      const context = { places: request, found, clock, signal, say: print, readHolder, proxyEnv: {}, ...notInstalling }
      const apply = () => applySteps(plan.steps, (step, onUndo) => performWindowsStep(step, onUndo, context), signal)
      await (request.command === 'upgrade' ? placeAndApply(request, found, around, apply) : apply())
      return 0
    }
    case 'settle':
    case 'unit':
    case 'digest':
      throw new OperatorError(`setup ${request.command} is not available on Windows`)
  }
}

/** @throws OperatorError if it is no trust file */
async function readTrust(path: string): Promise<string> {
  const text = await readFile(path, 'utf8')
  try {
    readTrustFile(text)
    return text
  } catch (error) {
    if (error instanceof TrustFileInvalid) throw new OperatorError(`${path} is not a trust file: ${error.message}`)
    throw error
  }
}

const refuseStep = () => Promise.reject(new Error('only an installation enrols'))
const notInstalling = { enrol: refuseStep, trust: refuseStep }

async function install(request: SetupInstallRequest, around: SetupSurroundings): Promise<number> {
  // Read in any case: the shell that writes it must not find a closed pipe.
  const token = request.tokenFile === '-' ? await readTokenStream(process.stdin) : undefined
  const found = await findOnMachine(request, around, createPlatform())
  const trustFile = request.trustFile === undefined ? undefined : await readTrust(request.trustFile)
  const plan = planInstall(request, found, await findOwnVersion(request.prefix, around.programFolder))
  if ('refusal' in plan) throw new OperatorError(plan.refusal)
  using stop = createStopSignal(undefined, ['SIGTERM', 'SIGINT', 'SIGHUP'])
  await apply(plan.steps, request, found, around, makeEnrolment(request, token, trustFile, found, around, stop.signal))
  if (!request.isForeground) return 0
  return await runAgent({
    server: plan.server,
    stateDirectory: request.state,
    tags: {},
    log: createProcessLogger('info'),
  })
}

/** How an installation enrols the machine, or decides how to verify the server. */
function makeEnrolment(
  request: SetupInstallRequest,
  token: string | undefined,
  trustFile: string | undefined,
  found: Pick<SetupFindings, 'hasState'>,
  around: SetupSurroundings,
  signal: AbortSignal,
) {
  return {
    enrol: async (server: string) => {
      // Before the server knows the instance: no work precedes the trust file.
      if (trustFile) await placeTrustFile(request.state, trustFile)
      await enrolHere(server, token, request, found, around, signal)
    },
    trust: async (server: string) => {
      if (trustFile) await placeTrustFile(request.state, trustFile)
      await openServerTrust(server, request.trust, {
        stateDirectory: request.state,
        proxyEnv: readProxyEnvironment(),
        clock: systemClock,
        log: createProcessLogger('error'),
      })
    },
  }
}

async function upgrade(request: SetupUpgradeRequest, around: SetupSurroundings): Promise<void> {
  const found = await findOnMachine(request, around, createPlatform())
  const refusal = refuseUpgrade(request, found)
  if (refusal !== undefined) throw new OperatorError(refusal)
  await placeAndApply(request, found, around, async () => {
    const steps = planUpgrade(request, found, await readUnitOf(request, found.enrolment?.serverUrl ?? ''))
    await apply(steps, request, found, around, notInstalling)
  })
}

/** Puts the new version into the prefix and switches to it; on a failure, nothing of it stays. */
async function placeAndApply(
  { prefix, from, program }: SetupUpgradeRequest,
  found: Pick<SetupFindings, 'current'>,
  { programFolder }: SetupSurroundings,
  switchToIt: () => Promise<void>,
): Promise<void> {
  const isNew = await placeProgram(from, prefix, program, await bringsLibraries(programFolder))
  try {
    await switchToIt()
  } catch (error) {
    if (isNew && (await readCurrent(prefix)) !== program)
      await rm(join(prefix, program), { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
    throw error instanceof StepsFailed ? nameProgramInUse(error, found) : error
  }
}

/** The task of the server shows this: it names the version that runs. */
const nameProgramInUse = (error: StepsFailed, { current }: Pick<SetupFindings, 'current'>): Error =>
  error.hadChanges && error.unfinished.length === 0 && current !== undefined
    ? new OperatorError(`${error.message}. The earlier agent, ${current}, runs again`, { cause: error })
    : error

/** Keeps the version in use if it connects, and returns to this one otherwise. */
async function settle(request: SetupSettleRequest, around: SetupSurroundings): Promise<number> {
  const { prefix, program: version, withinMs } = request
  const found = await findOnMachine(request, around, createPlatform())
  const own = await findOwnVersion(prefix, around.programFolder)
  const perform = (steps: readonly SetupStep[]) => apply(steps, request, found, around, notInstalling)
  if (own === undefined || found.current !== version) {
    await perform([{ kind: 'removeGuard' }])
    return 0
  }
  try {
    await perform([{ kind: 'awaitConnection', version, withinMs }])
  } catch (error) {
    // The machine shuts down once more: the next boot continues.
    if (!(error instanceof StepsFailed) || error.message === interruption) throw error
    await perform(planReturn(request, own, renderUnit(request, found.enrolment?.serverUrl ?? '')))
    return 1
  }
  await perform([{ kind: 'removeGuard' }])
  return 0
}

const checkTimeoutMs = 30_000

/** The unit file of the new version, from itself: this shows, too, that it runs on this machine. */
async function readUnitOf({ prefix, state, program }: SetupUpgradeRequest, server: string): Promise<string> {
  const folder = join(prefix, program)
  const args = ['setup', 'unit', '--server', server, '--prefix', prefix, '--state', state]
  try {
    const { stdout } = await runProgramFile(join(folder, 'bin/chandler-agent'), args, { timeout: checkTimeoutMs })
    if (!startsProgramBelow(stdout, prefix)) throw new Error('it prints no unit file')
    return stdout
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string }
    const cause = describeFailedProgram(stderr, message)
    throw new OperatorError(`agent ${program} does not run on this machine: ${cause}`, { cause: error })
  }
}

async function apply(
  steps: readonly SetupStep[],
  places: { readonly prefix: string; readonly state: string },
  found: SetupFindings,
  { systemd, clock, readHolder, print }: SetupSurroundings,
  install: {
    readonly enrol: (server: string) => Promise<void>
    readonly trust: (server: string) => Promise<void>
  },
): Promise<void> {
  using stop = createStopSignal(undefined, ['SIGTERM', 'SIGINT', 'SIGHUP'])
  const { signal } = stop
  const context = {
    places,
    found,
    systemd,
    platform: createPlatform(),
    clock,
    readHolder: () => readHolder(places.state),
    say: print,
    trust: install.trust,
    proxyEnv: readProxyEnvironment(),
  }
  await applySteps(
    steps,
    (step, onUndo) => performStep(step, onUndo, { ...context, signal, enrol: install.enrol }),
    signal,
  )
}

async function enrolHere(
  server: string,
  token: string | undefined,
  { state, tokenFile, name, tags, trust }: SetupInstallRequest,
  { hasState }: Pick<SetupFindings, 'hasState'>,
  { print }: SetupSurroundings,
  signal: AbortSignal,
): Promise<void> {
  const given = token === undefined ? { tokenFile } : { token }
  const log = createProcessLogger('warn')
  try {
    await runAgent({ server, stateDirectory: state, ...given, name, tags, trust, log, enrolOnly: true, signal })
  } catch (error) {
    // The server refused the key, so nothing is lost with it. After an interruption it may have accepted it.
    if (error instanceof OperatorError && !hasState && !signal.aborted)
      await rm(state, { recursive: true, force: true })
    throw error
  }
  const enrolment = await readStoredEnrolment(state)
  if (enrolment === undefined)
    throw new OperatorError(signal.aborted ? 'interrupted' : `${state}/identity.json names no instance after enrolment`)
  print(`enrolled as ${enrolment.instanceId}`)
}

/** The name that install.sh gives to a folder it has unpacked: no other folder is discarded. */
const unpackedName = /^[0-9][0-9A-Za-z.+-]*-[0-9a-f]{12}$/

/** Removes what install.sh has unpacked for an installation that failed, unless it is in use all the same. */
async function discard(discarded: Discarded, { programFolder }: SetupSurroundings): Promise<void> {
  const prefix = dirname(programFolder)
  const name = basename(programFolder)
  if (!unpackedName.test(name) || name === (await readCurrent(prefix))) return
  await rm(programFolder, { recursive: true, force: true })
  if (discarded === 'program') return
  await removeIfEmpty(prefix, () => {})
}
