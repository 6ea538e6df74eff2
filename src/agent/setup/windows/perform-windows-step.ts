import { execFile } from 'node:child_process'
import { copyFile, mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { OperatorError } from '../../../lib/operator-error.ts'
import { replaceFile } from '../../../lib/replace-file.ts'
import { writeFileDurably } from '../../../lib/write-file-durably.ts'
import { readFingerprint } from '../../connection/fingerprint.ts'
import { acceptMachine } from '../../connection/identity.ts'
import { system32 } from '../../platform/windows/windows-folders.ts'
import type { Undo } from '../apply-steps.ts'
import { awaitConnection } from '../await-connection.ts'
import { describeFailedProgram } from '../describe-failed-program.ts'
import type { StepContext } from '../perform-step.ts'
import { currentFileOf, orUndefined, removeIfEmpty } from '../program-folders.ts'
import { parseServiceState, serviceName, type WindowsFindings, type WindowsStep } from './plan-windows-setup.ts'

const runFile = promisify(execFile)

export type WindowsContext = Pick<
  StepContext,
  'places' | 'clock' | 'say' | 'readHolder' | 'enrol' | 'signal' | 'trust' | 'proxyEnv'
> & { readonly found: WindowsFindings }

/** What a program of Windows prints, and its exit code. */
const runSystemProgram = (
  name: string,
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly text: string }> =>
  new Promise((resolve, reject) => {
    execFile(join(system32, name), args, { windowsHide: true, timeout: 60_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code
      if (typeof code !== 'number') return reject(error ?? new Error(`${name} ended without an exit code`))
      resolve({ code, text: `${stdout}${stderr}`.trim() })
    })
  })

async function runOrFail(failure: string, name: string, ...args: readonly string[]): Promise<void> {
  const { code, text } = await runSystemProgram(name, ...args)
  if (code !== 0) throw new OperatorError(`${failure}: ${name} ended with ${code}${text === '' ? '' : ` (${text})`}`)
}

/** ERROR_SERVICE_DOES_NOT_EXIST */
const noService = 1060

export async function readWindowsService(): Promise<'none' | 'stopped' | 'running'> {
  const { code, text } = await runSystemProgram('sc.exe', 'query', serviceName)
  return code === noService ? 'none' : parseServiceState(text)
}

/** Carries one step out, and registers how to put its changes back. */
export async function performWindowsStep(
  step: WindowsStep,
  onUndo: (undo: Undo) => void,
  context: WindowsContext,
): Promise<void> {
  const { places, found, say } = context
  switch (step.kind) {
    case 'say':
      return say(step.text)
    case 'protectState':
      return protect(places.state)
    case 'enrol':
      await context.enrol(step.server)
      return onUndo(() =>
        Promise.reject(new OperatorError(`this machine stays enrolled, with its key in ${places.state}`)),
      )
    case 'trust':
      return context.trust(step.server)
    case 'stopService':
      onUndo(() => startService())
      return stopService(context)
    case 'placeHost': {
      const { current } = found
      if (current !== undefined && current !== step.version) onUndo(() => placeHost(places.prefix, current))
      return placeHost(places.prefix, step.version)
    }
    case 'switchVersion':
      onUndo(() => writeCurrent(places.prefix, found.current))
      return writeCurrent(places.prefix, step.version)
    case 'writeService':
      onUndo(() => (step.isNew ? deleteService() : configureService(found.serviceCommand ?? step.command)))
      await (step.isNew ? createService(step.command) : configureService(step.command))
      return writeEnvironment(context.proxyEnv)
    case 'startService':
      onUndo(() => stopService(context))
      await startService()
      return awaitAgent(context)
    case 'checkProgram':
      return checkProgram(join(places.prefix, step.version), step.version)
    case 'restartOnUndo':
      return onUndo(async () => {
        await restartService(context)
        say(`the earlier agent, ${found.current}, runs again`)
      })
    case 'restartService':
      return restartService(context)
    case 'awaitConnection':
      return awaitConnection(step, {
        ...context,
        state: places.state,
        server: found.enrolment?.serverUrl,
        log: join(places.state, 'agent.log'),
      })
    case 'acceptMachine': {
      const isChanged = await acceptMachine(places.state, await readFingerprint())
      return say(`the identity in ${places.state} belongs to this machine ${isChanged ? 'now' : 'already'}`)
    }
    case 'removeService':
      return deleteService()
    case 'removeVersions':
      for (const version of step.versions) await removeFolder(join(places.prefix, version))
      return
    case 'removeProgram':
      for (const version of found.versions) await removeFolder(join(places.prefix, version))
      for (const name of ['current.txt', 'chandler-host.exe', 'chandler-host.old.exe'])
        await rm(join(places.prefix, name), { force: true, maxRetries: 10, retryDelay: 200 })
      return orUndefined(removeIfEmpty(places.prefix, () => say(`${places.prefix} holds other files and stays`)))
    case 'removeState':
      return removeFolder(places.state)
  }
}

const removeFolder = (path: string) => rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })

/** SYSTEM and Administrators, by their ids: their names depend on the language of Windows. */
async function protect(state: string): Promise<void> {
  await mkdir(state, { recursive: true })
  const grants = ['*S-1-5-18', '*S-1-5-32-544'].flatMap((id) => ['/grant:r', `${id}:(OI)(CI)F`])
  await runOrFail(`${state} cannot be protected from other users`, 'icacls.exe', state, '/inheritance:r', ...grants)
}

/** A running program can be renamed and not replaced. */
async function placeHost(prefix: string, version: string): Promise<void> {
  const host = join(prefix, 'chandler-host.exe')
  const old = join(prefix, 'chandler-host.old.exe')
  const source = join(prefix, version, 'bin', 'chandler-host.exe')
  const [present, wanted] = await Promise.all([orUndefined(readFile(host)), readFile(source)])
  if (present?.equals(wanted)) return
  if (present) {
    await rm(old, { force: true })
    await replaceFile(host, old)
  }
  await copyFile(source, host)
  await rm(old, { force: true }).catch(() => undefined)
}

const checkTimeoutMs = 60_000

async function checkProgram(folder: string, version: string): Promise<void> {
  const args = [join(folder, 'bin', 'chandler-agent.mjs'), '--version']
  try {
    await runFile(join(folder, 'bin', 'node.exe'), args, { windowsHide: true, timeout: checkTimeoutMs })
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string }
    const cause = describeFailedProgram(stderr, message)
    throw new OperatorError(`agent ${version} does not run on this machine: ${cause}`, { cause: error })
  }
}

const writeCurrent = (prefix: string, version: string | undefined) =>
  version === undefined
    ? rm(currentFileOf(prefix), { force: true })
    : writeFileDurably(currentFileOf(prefix), `${version}\n`)

async function createService(command: string): Promise<void> {
  const failure = `the service ${serviceName} cannot be created`
  const options = ['binPath=', command, 'start=', 'auto', 'DisplayName=', 'Chandler agent']
  await runOrFail(failure, 'sc.exe', 'create', serviceName, ...options)
  // Should the host itself end; the host starts the agent again.
  const actions = 'restart/5000/restart/60000/restart/60000'
  await runOrFail(failure, 'sc.exe', 'failure', serviceName, 'reset=', '86400', 'actions=', actions)
}

const configureService = (command: string) =>
  runOrFail(`the service ${serviceName} cannot be changed`, 'sc.exe', 'config', serviceName, 'binPath=', command)

const deleteService = () => runOrFail(`the service ${serviceName} cannot be removed`, 'sc.exe', 'delete', serviceName)

/** Forward proxies for the service; without any, earlier ones stay. */
async function writeEnvironment(proxyEnv: Readonly<Record<string, string>>): Promise<void> {
  const lines = Object.entries(proxyEnv).map(([name, value]) => `${name}=${value}`)
  if (lines.length === 0) return
  const key = `HKLM\\SYSTEM\\CurrentControlSet\\Services\\${serviceName}`
  const value = ['/v', 'Environment', '/t', 'REG_MULTI_SZ', '/d', lines.join('\\0'), '/f']
  await runOrFail('the proxies of the service cannot be set', 'reg.exe', 'add', key, ...value)
}

const startService = () => runOrFail(`the service ${serviceName} does not start`, 'sc.exe', 'start', serviceName)

const patienceMs = 60_000
const pollMs = 250
/** An agent that cannot read its state or its program ends within this time. */
const settleMs = 1_000

async function restartService(context: WindowsContext): Promise<void> {
  await stopService(context)
  await startService()
}

async function stopService({ clock }: WindowsContext): Promise<void> {
  await runSystemProgram('sc.exe', 'stop', serviceName)
  const startedAt = clock.monotonicMs()
  while ((await readWindowsService()) === 'running') {
    if (clock.monotonicMs() - startedAt >= patienceMs)
      throw new OperatorError(`the service ${serviceName} has not stopped within ${patienceMs / 1_000} s`)
    await clock.wait(pollMs)
  }
}

/** Resolves when one agent has held the state directory for a second. */
async function awaitAgent({ places, clock, readHolder, signal }: WindowsContext): Promise<void> {
  const startedAt = clock.monotonicMs()
  let first: { readonly pid: number; readonly at: number } | undefined
  for (;;) {
    const holder = await readHolder()
    const now = clock.monotonicMs()
    if (holder === undefined || holder !== first?.pid)
      first = holder === undefined ? undefined : { pid: holder, at: now }
    if (first && now - first.at >= settleMs) return
    if ((await readWindowsService()) !== 'running' || now - startedAt >= patienceMs)
      throw new OperatorError(`the agent does not run: ${await readLastLine(join(places.state, 'agent.log'))}`)
    await clock.wait(pollMs, signal)
    if (signal.aborted) throw new OperatorError('interrupted')
  }
}

const tailBytes = 4_096

async function readLastLine(path: string): Promise<string> {
  const file = await orUndefined(open(path))
  if (file === undefined) return `it has written no log (${path})`
  try {
    const { size } = await file.stat()
    const { buffer, bytesRead } = await file.read(Buffer.alloc(tailBytes), 0, tailBytes, Math.max(0, size - tailBytes))
    const lines = buffer.toString('utf8', 0, bytesRead).split(/\r?\n/)
    return lines.findLast((line) => line.trim() !== '')?.trim() ?? `its log is empty (${path})`
  } finally {
    await file.close()
  }
}
