import type { ParameterDeclaration, ScopePlatform } from '../../../../../src/core/extension/extension.ts'
import type { ExtensionView, VersionView } from '../../../../../src/protocol/api/extensions.ts'
import { readCheck } from './check-fields.ts'
import type { ParameterDraft, PlatformDraft, WizardConfiguration, WizardDraft } from './wizard-draft.ts'

/** Starts the next version as a copy of the latest one, with an empty description. */
export function draftFromVersion(extension: ExtensionView, version: VersionView): WizardDraft {
  const { scope, parameters, configurations } = version
  return {
    base: version.version,
    name: extension.name,
    type: extension.type,
    description: extension.description,
    versionDescription: '',
    instanceFamilies: (scope.instanceFamilies ?? []).join(', '),
    imageTypes: scope.imageTypes ?? [],
    platforms: (scope.platforms ?? []).map(platformDraft),
    parameters: Object.entries(parameters).map(([name, declaration], index) =>
      parameterDraft(index + 1, name, declaration),
    ),
    configurations: configurations.map((configuration, index) => configurationDraft(index + 1, configuration)),
  }
}

const platformDraft = ({ id, versions = '' }: ScopePlatform): PlatformDraft => ({ id, versions })

const textOf = (value: number | undefined) => (value === undefined ? '' : String(value))

const parameterDraft = (key: number, name: string, declaration: ParameterDeclaration): ParameterDraft => ({
  key,
  name,
  type: declaration.type,
  description: declaration.description ?? '',
  isRequired: declaration.default === undefined,
  defaultText: declaration.default === undefined ? '' : String(declaration.default),
  allowedValues: (declaration.allowedValues ?? []).map(String).join('\n'),
  pattern: declaration.pattern ?? '',
  min: textOf(declaration.min),
  max: textOf(declaration.max),
  minLength: textOf(declaration.minLength),
  maxLength: textOf(declaration.maxLength),
  noEcho: declaration.noEcho ?? false,
  actions: declaration.actions ?? [],
})

const configurationDraft = (
  key: number,
  { os, arch, platforms = [], artifact, scripts, verify, run }: VersionView['configurations'][number],
): WizardConfiguration => ({
  key,
  os,
  arch,
  platforms: platforms.map(platformDraft),
  artifact: artifact && {
    sha256: artifact.sha256,
    sizeBytes: artifact.sizeBytes,
    fileName: artifact.fileName,
    kind: artifact.kind,
  },
  scripts: {
    install: scripts.install ?? '',
    uninstall: scripts.uninstall ?? '',
    update: scripts.update ?? '',
    output: scripts.output ?? '',
  },
  verify: verify.map((check, index) => readCheck(index + 1, check)),
  run: {
    runAs: run.runAs ?? '',
    workDir: run.workDir ?? '',
    timeoutMinutes: String(run.timeoutMs / 60_000),
    unpack: run.unpack,
    keepWorkspace: run.keepWorkspace,
    allowRemovals: run.allowRemovals,
    signature: run.signature,
  },
})
