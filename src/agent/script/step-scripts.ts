import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { lstat, open } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { AgentReason, ExitCodeMeaning, RanScript } from '../../core/install/agent-reason.ts'
import type { InstallStep, StepFailure, StepResult } from '../../core/install/install-step.ts'
import type { InstallStepId } from '../../core/install/install-step-ids.ts'
import { findPackageKind } from '../../core/install/installation.ts'
import type { MachineState } from '../../core/install/plan-reboot.ts'
import { requestsReboot } from '../../core/install/reboot-request.ts'
import type { ScriptOfVersion } from '../../core/install/step-reason.ts'
import { renderMsiProperty } from '../../core/msi/msi-property.ts'
import { makeReason } from '../../core/reason/reason.ts'
import { cutText, cutTextFront } from '../../lib/cut-text.ts'
import type { InstallationMessage, InvocationMessage } from '../../protocol/agent-messages.ts'
import { agentUpgradeCommand, agentUpgradeEnvironment, agentUpgradeScript } from '../installer/agent-upgrade.ts'
import { findInstaller } from '../installer/find-installer.ts'
import { type PackageEnd, resultsOf } from '../installer/judge-package-end.ts'
import type { MsiRequest } from '../installer/msi/msi-request.ts'
import { osPackagesEnvironment, osPackagesScript } from '../installer/os-packages.ts'
import type { Engine } from '../invocation/engine.ts'
import { findRunAs, findWorkspace } from '../invocation/step-preparation.ts'
import type { Seen } from '../invocation/verify.ts'
import { ownCommand } from '../platform/executable.ts'
import { agentUpgradeSubject, checkSubject, commandSubject, renderStepScript } from './render-step-script.ts'
import { renderScriptEnvironment } from './script-environment.ts'
import { endScriptTree, type ScriptEnd } from './script-process.ts'
import {
  type PreparedScript,
  prepareCommand,
  prepareScript,
  type StopReason,
  startScript,
  watchScript,
} from './script-run.ts'

export interface StepScripts {
  readonly engine: Engine
  readonly invocation: InvocationMessage
  readonly step: InstallStep
  readonly installation: InstallationMessage
  /** The state before the invocation. */
  readonly previous: InstallationMessage | undefined
  /** The directory of another step's script. */
  readonly directoryOf: (step: InstallStepId) => string | undefined
}

/** Prepares the script of a `run` step: the configuration's own, or the installer's instead. */
export async function prepareStepScript(scripts: StepScripts, directory: string): Promise<PreparedScript> {
  const { engine, invocation, step, installation, previous } = scripts
  if (invocation.osPackages) {
    const extra = {
      ...osPackagesEnvironment(engine.platform, invocation.osPackages),
      ...makeResults(directory, invocation.osPackages),
    }
    const subject = findSubject(step, installation, invocation)
    return prepare(scripts, { name: step.id, text: osPackagesScript, directory, subject, extra })
  }
  if (invocation.agentUpgrade) {
    if (engine.platform.family === 'windows')
      return prepareUpgradeOnWindows(scripts, directory, invocation.agentUpgrade)
    const extra = agentUpgradeEnvironment(engine.stateDirectory, invocation.agentUpgrade)
    const subject = findSubject(step, installation, invocation)
    return prepare(scripts, { name: step.id, text: agentUpgradeScript, directory, subject, extra })
  }
  const kind = step.script ?? 'install'
  const packageKind = findPackageKind(installation, kind)
  const installer = packageKind && findInstaller(packageKind, engine.platform)
  const extra: Record<string, string> = {}
  if (installer) {
    const allowRemovals = (invocation.allowRemovals ?? false) || installation.configuration.run.allowRemovals
    const { action, autoremove } = invocation
    Object.assign(extra, makeResults(directory, { action, allowRemovals, autoremove }))
    extra['CHANDLER_SIGNATURE'] = installation.configuration.run.signature ?? 'ifSigned'
    const interrupted = step.id === 'removeWanted' ? scripts.directoryOf('installWanted') : undefined
    if (interrupted !== undefined) extra['CHANDLER_BEFORE'] = join(resultsOf(interrupted), 'before')
    extra['CHANDLER_PACKAGE_FILE'] = installation.configuration.artifact?.fileName ?? ''
    const replaced =
      step.id === 'installWanted' && previous && findPackageKind(previous, 'uninstall') === packageKind
        ? previous.configuration.artifact
        : undefined
    const path = replaced && (await engine.artifacts.find(replaced))
    if (path !== undefined) extra['CHANDLER_REPLACES'] = path
  }
  const subject = findSubject(step, installation, invocation)
  if (installer && 'program' in installer) return prepareMsi(scripts, { directory, extra })
  if (installer) {
    const text = installer[kind === 'uninstall' ? 'uninstall' : 'install']
    return prepare(scripts, { name: step.id, text, directory, subject, extra })
  }
  const rendered = renderStepScript(
    installation.configuration.scripts[kind] ?? '',
    subject,
    installation,
    invocation.builtins,
  )
  const rebootFile = await findRebootFile(scripts)
  rmSync(rebootFile, { force: true })
  return prepare(scripts, {
    name: step.id,
    text: rendered.text,
    directory,
    subject,
    extra: { ...extra, ...rendered.environment, CHANDLER_REBOOT: rebootFile },
  })
}

/** In the workspace, where the user that runs the script may create it. */
async function findRebootFile({ engine, invocation, step, installation }: StepScripts): Promise<string> {
  const { directory } = await findWorkspace(engine, invocation, step, installation)
  return join(directory, `.reboot-${step.id}`)
}

/**
 * Whether the script of a step, which ended by itself, requested a reboot. Windows Installer does so
 * with the same exit codes; other package managers do not request any.
 */
export async function findRebootRequest(scripts: StepScripts, exitCode: number): Promise<boolean> {
  if (findPackageWork(scripts) !== undefined && !usesMsi(scripts)) return false
  const found = await lstat(await findRebootFile(scripts)).catch(() => undefined)
  return requestsReboot(scripts.engine.platform.family, { exitCode, hasFile: found?.isFile() === true })
}

const usesMsi = ({ step, installation }: Pick<StepScripts, 'step' | 'installation'>) =>
  findPackageKind(installation, step.script ?? 'install') === 'msi'

/** The agent's own program, which runs Windows Installer. Its request is beside the results. */
async function prepareMsi(
  scripts: StepScripts,
  { directory, extra }: { directory: string; extra: Record<string, string> },
): Promise<PreparedScript> {
  const { engine, invocation, step, installation } = scripts
  const workspace = await findWorkspace(engine, invocation, step, installation)
  const request: MsiRequest = {
    action: step.script === 'uninstall' ? 'uninstall' : 'install',
    packagePath: workspace.packagePath,
    packageFile: installation.configuration.artifact?.fileName ?? '',
    replaces: extra['CHANDLER_REPLACES'],
    properties: Object.fromEntries(
      Object.entries(installation.parameters).map(([name, value]) => [renderMsiProperty(name), String(value)]),
    ),
    results: resultsOf(directory),
    log: join(workspace.directory, 'msi.log'),
    before: extra['CHANDLER_BEFORE'],
  }
  const path = join(directory, 'msi.json')
  writeFileSync(path, JSON.stringify(request), { mode: 0o600 })
  return prepareCommand(engine, {
    directory,
    argv: [...ownCommand, 'msi', path],
    workspace: workspace.directory,
    environment: engine.platform.baseEnvironment,
  })
}

/** Without a shell: the same program, with the same arguments as in the script for Linux. */
async function prepareUpgradeOnWindows(
  { engine, invocation, step, installation }: StepScripts,
  directory: string,
  upgrade: NonNullable<InvocationMessage['agentUpgrade']>,
): Promise<PreparedScript> {
  const workspace = await findWorkspace(engine, invocation, step, installation)
  return prepareCommand(engine, {
    directory,
    argv: agentUpgradeCommand(engine.stateDirectory, workspace.directory, upgrade),
    workspace: workspace.directory,
    environment: engine.platform.baseEnvironment,
  })
}

interface PackageOptions {
  readonly action: InvocationMessage['action']
  readonly allowRemovals?: boolean | undefined
  readonly autoremove?: boolean | undefined
}

/** Variables of a package manager script beside its package. */
function makeResults(directory: string, { action, allowRemovals, autoremove }: PackageOptions): Record<string, string> {
  const results = resultsOf(directory)
  rmSync(results, { recursive: true, force: true })
  mkdirSync(results, { recursive: true, mode: 0o700 })
  return {
    CHANDLER_RESULTS: results,
    ...(allowRemovals ? { CHANDLER_ALLOW_REMOVALS: '1' } : {}),
    ...(autoremove && action === 'uninstall' ? { CHANDLER_AUTOREMOVE: '1' } : {}),
  }
}

/**
 * The result that a package manager should achieve in a step; undefined for a script of the version
 * itself.
 */
export function findPackageWork({
  step,
  installation,
  invocation,
}: Pick<StepScripts, 'step' | 'installation' | 'invocation'>): PackageEnd['wanted'] | undefined {
  if (invocation.osPackages) return 'changed'
  const script = step.script ?? 'install'
  if (findPackageKind(installation, script) === undefined) return undefined
  return script === 'uninstall' ? 'removed' : 'installed'
}

async function prepare(
  { engine, invocation, step, installation, previous }: StepScripts,
  {
    name,
    text,
    directory,
    subject,
    extra,
  }: { name: string; text: string; directory: string; subject: ScriptOfVersion; extra: Record<string, string> },
): Promise<PreparedScript> {
  const user = await findRunAs(engine, installation)
  const workspace = await findWorkspace(engine, invocation, step, installation)
  const { platform, instanceId } = engine
  const scripted = step.script === 'install' || step.script === 'uninstall' ? step.script : invocation.action
  const action = invocation.action === 'run' ? 'run' : scripted
  const context = { invocation, instanceId, action, installation, previousVersion: previous?.version, workspace, user }
  return prepareScript(engine, {
    directory,
    text,
    workspace: workspace.directory,
    name,
    environment: { ...renderScriptEnvironment(platform.baseEnvironment, context), ...extra },
    workDir: installation.configuration.run.workDir ?? workspace.directory,
    user,
    subject,
  })
}

/** Which script it is, for messages before its start. */
function findSubject(
  step: InstallStep,
  installation: InstallationMessage,
  { osPackages, agentUpgrade }: Pick<InvocationMessage, 'osPackages' | 'agentUpgrade'>,
): ScriptOfVersion {
  if (step.id === 'runWanted')
    return osPackages ? { script: 'packages', version: 0 } : agentUpgrade ? agentUpgradeSubject : commandSubject
  const { version } = installation
  const kind = step.script ?? 'install'
  return { script: findPackageKind(installation, kind) === undefined ? kind : 'packages', version }
}

/** The same as the arguments of a reason. */
function nameScript(
  step: InstallStep,
  installation: InstallationMessage,
  { osPackages }: Pick<InvocationMessage, 'osPackages'>,
): { readonly script: RanScript; readonly version: number } {
  if (step.id === 'runWanted') return { script: osPackages ? 'packages' : 'command', version: 0 }
  const kind = step.script ?? 'install'
  const { version } = installation
  if (findPackageKind(installation, kind) === undefined) return { script: kind, version }
  return { script: kind === 'uninstall' ? 'packageRemoval' : 'packageInstall', version }
}

/** The seed document's meanings, for install scripts. */
const exitCodeMeanings: Readonly<Record<number, ExitCodeMeaning>> = {
  1: 'installationFailed',
  2: 'healthCheckFailed',
  3: 'processIdNotRecorded',
  4: 'userScriptFailed',
}

/**
 * A shell that aborts prints the script's name and the line (`…/.installWanted.script: 3: x:
 * parameter not set`, `sh: line 1: …`), and exits with a code of its own. So does a shell that the
 * script starts.
 */
const isOfShell = (lastLines: string) =>
  /^\S*\.[A-Za-z]+(?:-[0-9]+)?\.script: |^\S+: (?:-c: )?(?:line )?[0-9]+: /.test(lastLines)

/**
 * Interprets the end of a step's script. `lastLines`: its last line on stderr, if any. `machine`:
 * whether the machine is still in the boot in which the script started. A shutdown ends scripts by
 * signals, and makes commands fail, which is not a failure of the script.
 */
export function judgeScriptEnd(
  { step, installation, invocation }: Pick<StepScripts, 'step' | 'installation' | 'invocation'>,
  end: ScriptEnd,
  stopped: StopReason | undefined,
  lastLines: string,
  machine: MachineState,
): StepResult {
  const script = nameScript(step, installation, invocation)
  const fail = (
    state: StepFailure['state'],
    reasonCode: StepFailure['reasonCode'],
    reason: AgentReason,
    exitCode?: number,
  ): StepResult => ({
    status: 'failed',
    began: true,
    failure: { state, reasonCode, reason, ...(exitCode === undefined ? {} : { exitCode }) },
  })
  if (stopped === 'timedOut') {
    const seconds = installation.configuration.run.timeoutMs / 1_000
    return fail('timedOut', 'ScriptTimedOut', makeReason('ScriptTimeOver', { ...script, seconds }))
  }
  if (stopped === 'cancelled') return fail('cancelled', 'CancelledByUser', makeReason('ScriptCancelled', script))
  const said = lastLines === '' ? [] : makeReason('ScriptSaid', { text: lastLines })
  const isSignalled = end.kind === 'signal' || (end.kind === 'exit' && end.likeSignal !== undefined)
  const isStopping = (machine === 'rebooting' || machine === 'poweringOff') && end.kind === 'exit' && end.code !== 0
  if (machine !== 'up' && (end.kind === 'gone' || isSignalled || isStopping)) {
    const reason = makeReason(machine === 'rebooted' ? 'ScriptEndedByReboot' : 'ScriptEndedByShutdown', script)
    return fail('failed', 'Interrupted', reason, end.kind === 'exit' ? end.code : undefined)
  }
  switch (end.kind) {
    case 'gone':
      return fail('failed', 'Interrupted', makeReason('ScriptInterrupted', script))
    case 'notBegun': {
      const reason = makeReason('ScriptNotStarted', script)
      return { status: 'failed', began: false, failure: { state: 'failed', reasonCode: 'AgentError', reason } }
    }
    case 'signal': {
      const reason = [...makeReason('ScriptSignalled', { ...script, signal: String(end.signal) }), ...said]
      return fail('failed', 'ScriptFailed', reason)
    }
    case 'exit': {
      const { code: exitCode, likeSignal } = end
      if (exitCode === 0) return { status: 'done' }
      const installs = step.id === 'installWanted' || step.id === 'restorePrevious' || step.id === 'updateWanted'
      const isNamed = installs && !findPackageKind(installation, 'install') && !isOfShell(lastLines)
      const meaning = (isNamed ? exitCodeMeanings[exitCode] : undefined) ?? 'none'
      const exited = likeSignal
        ? makeReason('ScriptExitedLikeSignal', { ...script, exitCode, signal: likeSignal })
        : makeReason('ScriptExited', { ...script, exitCode, meaning })
      return fail('failed', 'ScriptFailed', [...exited, ...said], exitCode)
    }
  }
}

const lastLinesBytes = 1_024
const lastLinesLength = 200

/**
 * The last non-empty line of a file, as one printable line. A long one keeps both ends: some
 * programs name the cause first.
 */
export async function readLastLines(path: string): Promise<string> {
  const file = await open(path).catch(() => undefined)
  if (!file) return ''
  try {
    const { size } = await file.stat()
    const from = Math.max(0, size - lastLinesBytes)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(lastLinesBytes), 0, lastLinesBytes, from)
    // Do not start within a character.
    const start = from === 0 ? 0 : buffer.subarray(0, 4).findIndex((byte) => (byte & 0xc0) !== 0x80)
    const lines = buffer.toString('utf8', Math.max(0, start), bytesRead).split(/[\r\n]+/)
    const last = lines.map((line) => line.replace(/\p{Cc}/gu, ' ').trim()).findLast((line) => line !== '') ?? ''
    const half = lastLinesLength / 2
    return last.length > lastLinesLength ? `${cutText(last, half)}…${cutTextFront(last, half)}` : last
  } finally {
    await file.close()
  }
}

/**
 * Runs the script of a verify check once. Undefined if it succeeded, otherwise what it found. It
 * only inspects, so it may run again: one that an earlier attempt left running is ended first. Its
 * output is not part of the invocation's output; its last line is in the result.
 */
export async function runCheckScript(
  scripts: StepScripts,
  text: string,
  directory: string,
  leftMs: number,
  signal: AbortSignal,
): Promise<Seen> {
  const { engine, invocation, installation } = scripts
  const { platform, closing } = engine
  const left = platform.inspectSupervised(directory)
  if (left.state === 'running')
    await endScriptTree({ ...engine, supervisorPid: left.pid, killGraceMs: 0, signal: closing })
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { mode: 0o700, recursive: true })
  const rendered = renderStepScript(text, checkSubject, installation, invocation.builtins)
  const script = await prepare(scripts, {
    name: basename(directory),
    text: rendered.text,
    directory,
    subject: checkSubject,
    extra: rendered.environment,
  })
  const child = startScript(engine, script)
  const { end, stopped } = await watchScript(engine, {
    directory,
    child,
    onOutput: () => {},
    leftMs,
    cancelled: signal,
    onStop: async () => {},
  })
  if (stopped !== undefined) return { kind: 'didNotEnd' }
  await platform.settleOutput(directory)
  if (end.kind === 'exit' && end.code === 0) return undefined
  const words = (await readLastLines(join(directory, 'stderr'))) || (await readLastLines(join(directory, 'stdout')))
  const quoted = words === '' ? [] : [`"${words}"`]
  if (end.kind === 'exit') return { kind: 'exitCode', detail: [end.code, ...quoted].join(', ') }
  if (end.kind === 'signal') return { kind: 'signal', detail: [end.signal, ...quoted].join(', ') }
  return { kind: 'interrupted', detail: quoted.join('') }
}
