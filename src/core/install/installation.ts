import type { ArtifactKind, ParameterValues, ScriptKind } from '../extension/extension.ts'
import { showVersion } from '../extension/extension.ts'

/** A version with its configuration and parameters, as far as decisions use them. */
export interface PlannedInstallation {
  readonly version: number
  readonly parameters?: ParameterValues | undefined
  readonly parametersDigest: string
  readonly contentDigest?: string | undefined
  readonly configuration: {
    readonly id: string
    readonly artifact?: { readonly kind: ArtifactKind } | undefined
    readonly scripts: { readonly [Kind in ScriptKind]?: string | undefined }
    readonly verify: readonly { readonly kind?: string }[]
  }
}

/** Version, configuration, parameters and content are the same. */
export const isSameInstallation = (installation: PlannedInstallation, wanted: PlannedInstallation): boolean =>
  installation.version === wanted.version &&
  installation.configuration.id === wanted.configuration.id &&
  (installation.parametersDigest === wanted.parametersDigest || hasSameValues(installation, wanted)) &&
  hasSameContent(installation, wanted)

/** Two versions with the same number may differ after the server was restored from a backup. */
const hasSameContent = ({ contentDigest: a }: PlannedInstallation, { contentDigest: b }: PlannedInstallation) =>
  a === undefined || b === undefined || a === b

/**
 * The server may compute its digests differently since this was recorded; comparing the values is
 * exact.
 */
const hasSameValues = ({ parameters: a }: PlannedInstallation, { parameters: b }: PlannedInstallation) =>
  a !== undefined &&
  b !== undefined &&
  Object.keys(a).length === Object.keys(b).length &&
  Object.entries(a).every(([name, value]) => Object.hasOwn(b, name) && b[name] === value)

const packageKinds: readonly ArtifactKind[] = ['deb', 'rpm', 'msi']

/**
 * The kind of OS package whose package manager replaces a script that the configuration does not
 * have.
 */
export function findPackageKind(
  { configuration }: { readonly configuration: Pick<PlannedInstallation['configuration'], 'artifact' | 'scripts'> },
  script: ScriptKind,
): ArtifactKind | undefined {
  const kind = configuration.artifact?.kind
  const isReplaced = script === 'install' || script === 'uninstall'
  return isReplaced && !configuration.scripts[script] && kind && packageKinds.includes(kind) ? kind : undefined
}

/** Whether it has a script, or an OS package whose package manager replaces the script. */
export const canRun = (installation: PlannedInstallation, script: ScriptKind): boolean =>
  installation.configuration.scripts[script] !== undefined || findPackageKind(installation, script) !== undefined

/**
 * Whether an instance can confirm that a configuration is installed: by checks, or by its package
 * manager.
 */
export const canConfirm = (installation: {
  readonly configuration: Omit<PlannedInstallation['configuration'], 'id'>
}): boolean => installation.configuration.verify.length > 0 || findPackageKind(installation, 'install') !== undefined

/** As in titles of steps and in outcomes. */
export const nameInstallation = ({ version }: PlannedInstallation): string => showVersion(version)
