import { inferArtifactKind } from '../../../../../../src/core/artifact/artifact-kind.ts'
import type { ArtifactKind } from '../../../../../../src/core/extension/extension.ts'
import type { OsFamily } from '../../../../../../src/core/instance/facts.ts'
import { maxExtensionNameLength } from '../../../../../../src/core/limits.ts'
import { type ArtifactDraft, changeMember, type WizardDraft, type WizardPackageFacts } from '../wizard-draft.ts'
import { isScriptTemplate } from './script-templates.ts'

export interface ArrivedArtifact {
  readonly fileName: string
  readonly sha256: string
  readonly sizeBytes: number
  readonly metadata: {
    readonly kind: ArtifactKind
    readonly package?: WizardPackageFacts | undefined
    readonly arch?: string | undefined
    readonly problem?: string | undefined
  }
}

/** Package kinds that a package manager installs without a script. */
const systems: Partial<Record<ArtifactKind, OsFamily>> = { deb: 'linux', rpm: 'linux', msi: 'windows' }
export const needsNoScript = (kind: ArtifactKind): boolean => systems[kind] !== undefined

/**
 * Fills in fields from an uploaded package unless the user has edited them. Script templates are
 * removed for packages of a package manager.
 */
export function acceptArtifact(draft: WizardDraft, key: number, arrived: ArrivedArtifact): WizardDraft {
  const configuration = draft.configurations.find((one) => one.key === key)
  if (!configuration) return draft
  const artifact = artifactDraft(arrived)
  const { facts, kind, arch } = artifact
  const { install, uninstall } = configuration.scripts
  const isUntouched = [install, uninstall].every((text) => text === '' || isScriptTemplate(text))
  const changed = changeMember(draft.configurations, key, {
    artifact,
    pending: undefined,
    os: systems[kind] ?? configuration.os,
    arch: arch !== undefined && configuration.arch === 'any' ? arch : configuration.arch,
    ...(needsNoScript(kind) && isUntouched && { scripts: { ...configuration.scripts, install: '', uninstall: '' } }),
    ...(kind !== 'tar' && kind !== 'zip' && { run: { ...configuration.run, unpack: false } }),
  })
  return { ...draft, configurations: changed, ...(facts && fillIn(draft, facts, configuration.artifact?.facts)) }
}

function artifactDraft({ fileName, sha256, sizeBytes, metadata }: ArrivedArtifact): ArtifactDraft {
  const { kind, arch, problem } = metadata
  return {
    fileName,
    sha256,
    sizeBytes,
    // Content detection takes precedence over the file name, if it has a result.
    kind: kind === 'file' ? inferArtifactKind(fileName) : kind,
    facts: metadata.package,
    arch,
    problem,
  }
}

/**
 * Values from the previous package are not user input. An update changes neither name nor
 * description.
 */
function fillIn(
  draft: WizardDraft,
  facts: WizardPackageFacts,
  before: WizardPackageFacts | undefined,
): Partial<WizardDraft> {
  const said = textsOf(facts)
  const saidBefore = before && textsOf(before)
  const fields =
    draft.base === undefined
      ? (['name', 'description', 'versionDescription'] as const)
      : (['versionDescription'] as const)
  const untouched = fields.filter((field) => draft[field] === '' || draft[field] === saidBefore?.[field])
  return Object.fromEntries(untouched.map((field) => [field, said[field]]))
}

const textsOf = ({ name, version, summary }: WizardPackageFacts) => ({
  name: name.replaceAll(/[^A-Za-z0-9_-]+/g, '-').slice(0, maxExtensionNameLength),
  description: summary,
  versionDescription: `${name} ${version}`,
})
