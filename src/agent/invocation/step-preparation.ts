import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Artifact } from '../../core/extension/extension.ts'
import type { InstallStep } from '../../core/install/install-step.ts'
import { findPackageKind } from '../../core/install/installation.ts'
import { makeReason } from '../../core/reason/reason.ts'
import type { InstallationMessage, InvocationMessage } from '../../protocol/agent-messages.ts'
import type { ArtifactAddress } from '../artifact/artifact-addresses.ts'
import { findInstaller } from '../installer/find-installer.ts'
import { findPackageManager } from '../installer/os-packages.ts'
import type { OsUser } from '../platform/platform.ts'
import { checkSubject, commandSubject, renderStepScript } from '../script/render-step-script.ts'
import { assertParametersFit } from '../script/script-environment.ts'
import { missingInterpreter } from '../script/script-run.ts'
import { assertDiskSpace, createWorkspace, makeWorkspaceParent, type Workspace } from '../script/workspace.ts'
import type { Engine } from './engine.ts'
import { StepError } from './step-error.ts'

/**
 * STATE/workspaces/<id>/: the workspaces of an invocation, one per configuration, and its scripts
 * beside them.
 */
export const workspacesOf = (engine: Engine, invocationId: string) =>
  join(engine.stateDirectory, 'workspaces', invocationId)

const workspaceNames = { prepareWanted: 'new', prepareUninstall: 'old', prepareRestore: 'restored' } as const
type PrepareId = keyof typeof workspaceNames

/** The preparation that creates a step's workspace. */
function preparationOf(step: InstallStep): PrepareId {
  if (step.restoring && step.installation === 'previous') return 'prepareRestore'
  return step.installation === 'wanted' ? 'prepareWanted' : 'prepareUninstall'
}

/**
 * All checks that can precede the scripts of a configuration: its artifact is present and intact,
 * its workspace is ready, its interpreters, user and package manager exist. Changes nothing outside
 * the state directory; repeatable. Rejects with a StepError.
 */
export async function prepareStep(
  engine: Engine,
  invocation: InvocationMessage,
  step: InstallStep,
  installation: InstallationMessage,
  { signal, onDownload }: { signal: AbortSignal; onDownload: () => void },
): Promise<void> {
  if (step.id === 'keepPrevious') return keepArtifact(engine, invocation, installation, { signal, onDownload })
  assertParametersFit(installation.parameters)
  const user = await findRunAs(engine, installation)
  assertScriptsCanRun(engine, invocation, step, installation)
  const artifactPath = await findArtifact(engine, invocation, step, installation, signal, onDownload)
  const { artifact, run } = installation.configuration
  if (artifact && artifactPath !== undefined)
    await assertDiskSpace(engine.stateDirectory, artifact.sizeBytes, 'workspace', artifact.fileName)
  const parent = workspacesOf(engine, invocation.id)
  makeWorkspaceParent(engine.platform, parent, user)
  const directory = workspaceDirectory(engine, invocation, step)
  try {
    await createWorkspace(engine.platform, directory, { artifact, artifactPath, unpack: run.unpack, user }, signal)
  } catch (error) {
    // Report the first error.
    await engine.platform
      .removeTree(directory)
      .catch((failure: unknown) =>
        engine.log.warn('a workspace could not be removed', { directory, error: String(failure) }),
      )
    throw error
  }
  await assertReachable(engine, user, directory, run.workDir)
}

const workspaceDirectory = (engine: Engine, invocation: InvocationMessage, step: InstallStep) =>
  join(workspacesOf(engine, invocation.id), workspaceNames[preparationOf(step)])

/** The workspace that `prepareStep` created for a step's configuration. */
export async function findWorkspace(
  engine: Engine,
  invocation: InvocationMessage,
  step: InstallStep,
  installation: InstallationMessage,
): Promise<Workspace> {
  const directory = workspaceDirectory(engine, invocation, step)
  const { artifact } = installation.configuration
  if (!artifact) return { directory, packagePath: undefined }
  const packagePath = join(directory, artifact.fileName)
  const isThere = await stat(packagePath).catch(() => undefined)
  return { directory, packagePath: isThere && packagePath }
}

/** The OS user of a configuration's scripts; undefined for the agent's own. Throws NotPermitted. */
export async function findRunAs({ platform }: Engine, installation: InstallationMessage): Promise<OsUser | undefined> {
  const { runAs } = installation.configuration.run
  if (runAs === undefined || runAs === platform.currentUserName) return undefined
  if (!platform.canRunAs)
    throw new StepError(
      'Unsupported',
      makeReason('RunAsOnWindows', { user: runAs, agentUser: platform.currentUserName }),
    )
  if (!platform.isPrivileged)
    throw new StepError(
      'NotPermitted',
      makeReason('RunAsNeedsRoot', { user: runAs, agentUser: platform.currentUserName }),
    )
  const user = await platform.findUser(runAs)
  if (!user) throw new StepError('NotPermitted', makeReason('RunAsUnknown', { user: runAs }))
  return user
}

function assertScriptsCanRun(
  { platform }: Engine,
  invocation: InvocationMessage,
  step: InstallStep,
  installation: InstallationMessage,
): void {
  const { configuration, version } = installation
  const uses =
    step.id === 'prepareWanted'
      ? (['install', 'update', 'output'] as const)
      : step.restoring
        ? (['install'] as const)
        : (['uninstall'] as const)
  if (invocation.osPackages) findPackageManager(platform, invocation.osPackages.installer)
  for (const kind of uses) {
    const text = configuration.scripts[kind]
    const subject = invocation.action === 'run' ? commandSubject : { script: kind, version }
    if (text !== undefined) {
      const interpreter = platform.findInterpreter(text, '', platform.baseEnvironment['PATH'] ?? '')
      if ('missing' in interpreter) throw missingInterpreter(subject, interpreter.missing)
      renderStepScript(text, subject, installation, invocation.builtins)
    }
    const packageKind = findPackageKind(installation, kind)
    if (packageKind !== undefined) findInstaller(packageKind, platform)
  }
  if (step.id === 'prepareUninstall') return
  for (const check of configuration.verify)
    if (check.kind === 'script') renderStepScript(check.script, checkSubject, installation, invocation.builtins)
}

async function findArtifact(
  engine: Engine,
  invocation: InvocationMessage,
  step: InstallStep,
  installation: InstallationMessage,
  signal: AbortSignal,
  onDownload: () => void,
): Promise<string | undefined> {
  const { artifact } = installation.configuration
  if (!artifact) return undefined
  // An uninstall works without it: if the agent's state was lost, so was the package.
  if (step.id === 'prepareUninstall') return engine.artifacts.find(artifact)
  // The URL in an invocation belongs to the wanted artifact.
  const url = step.installation === 'wanted' ? invocation.artifactUrl : undefined
  return fetchArtifact(engine, artifact, engine.addresses.addressOf(invocation.id, artifact.sha256, url), {
    signal,
    onDownload,
  })
}

interface Fetching {
  readonly signal: AbortSignal
  readonly onDownload: () => void
}

async function fetchArtifact(
  { artifacts }: Engine,
  artifact: Artifact,
  address: ArtifactAddress,
  { signal, onDownload }: Fetching,
): Promise<string> {
  const found = await artifacts.find(artifact)
  if (found !== undefined) return found
  onDownload()
  return artifacts.download(artifact, address, signal)
}

/**
 * The package of the version that an update replaces. Rejects with the reason why a rollback to it
 * would fail.
 */
async function keepArtifact(
  engine: Engine,
  { id }: InvocationMessage,
  installation: InstallationMessage,
  fetching: Fetching,
): Promise<void> {
  const { artifact } = installation.configuration
  if (!artifact) return
  try {
    await fetchArtifact(engine, artifact, engine.addresses.addressOf(id, artifact.sha256, undefined), fetching)
  } catch (error) {
    if (!(error instanceof StepError)) throw error
    const { version } = installation
    throw new StepError(error.reasonCode, [...makeReason('PreviousNotKept', { version }), ...error.reason], {
      cause: error,
    })
  }
}

async function assertReachable(
  { platform }: Engine,
  user: OsUser | undefined,
  directory: string,
  workDir: string | undefined,
): Promise<void> {
  if (workDir !== undefined) {
    const found = await stat(workDir).catch(() => undefined)
    if (!found?.isDirectory()) throw new StepError('NotPermitted', makeReason('WorkDirMissing', { path: workDir }))
  }
  if (!user) return
  for (const place of workDir === undefined ? [directory] : [directory, workDir]) {
    const obstacle = await platform.findObstacle(place, user)
    if (obstacle === undefined) continue
    throw new StepError(
      'NotPermitted',
      obstacle.kind === 'noSetpriv'
        ? makeReason('RunAsNeedsSetpriv', { user: user.name })
        : makeReason('RunAsBlocked', { user: user.name, path: place, entry: obstacle.directory }),
    )
  }
}
