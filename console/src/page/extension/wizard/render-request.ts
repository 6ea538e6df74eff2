import { inferArtifactKind } from '../../../../../src/core/artifact/artifact-kind.ts'
import type { ParameterValue } from '../../../../../src/core/extension/extension.ts'
import { scriptKinds } from '../../../../../src/core/extension/extension.ts'
import { coerceParameter } from '../../../../../src/core/extension/parameter.ts'
import type { ExtensionInput, VersionInput } from '../../../../../src/protocol/api/extensions.ts'
import { writeCheck } from './check-fields.ts'
import type { ParameterDraft, PlatformDraft, WizardConfiguration, WizardDraft } from './wizard-draft.ts'

type ConfigurationInput = VersionInput['configurations'][number]
type ParameterInput = VersionInput['parameters'][string]

/**
 * Converts a draft to a create request. Omits invalid values, which `findDraftProblems` reports.
 */
export const renderVersionRequest = (draft: WizardDraft): VersionInput => ({
  versionDescription: draft.versionDescription.trim(),
  scope: renderScope(draft),
  parameters: Object.fromEntries(draft.parameters.map((parameter) => [parameter.name, renderParameter(parameter)])),
  configurations: draft.configurations.map(renderConfiguration),
})

export const renderExtensionRequest = (draft: WizardDraft): ExtensionInput => ({
  name: draft.name.trim(),
  type: draft.type,
  description: draft.description.trim(),
  ...renderVersionRequest(draft),
})

/** Comma-separated values. */
export const parseList = (text: string): string[] =>
  text
    .split(/[,\s]+/)
    .map((part) => part.trim())
    .filter((part) => part !== '')

/** Non-empty lines. */
export const parseLines = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '')

const renderPlatforms = (platforms: readonly PlatformDraft[]) =>
  platforms.map(({ id, versions }) => ({ id: id.trim(), ...(versions.trim() && { versions: versions.trim() }) }))

function renderScope({ instanceFamilies, imageTypes, platforms }: WizardDraft): VersionInput['scope'] {
  const families = parseList(instanceFamilies)
  return {
    ...(families.length > 0 && { instanceFamilies: families }),
    ...(imageTypes.length > 0 && { imageTypes: [...imageTypes] }),
    ...(platforms.length > 0 && { platforms: renderPlatforms(platforms) }),
  }
}

function renderParameter(parameter: ParameterDraft): ParameterInput {
  const { type, description, isRequired, defaultText, pattern, noEcho, actions } = parameter
  const allowedValues = parseLines(parameter.allowedValues)
    .map((text) => valueOf(parameter, text))
    .filter((value) => value !== undefined)
  const limits = type === 'String' ? (['minLength', 'maxLength'] as const) : (['min', 'max'] as const)
  const numbers = limits.flatMap((field) => {
    const value = parseNumber(parameter[field])
    return value === undefined ? [] : [[field, value] as const]
  })
  const value = isRequired ? undefined : valueOf(parameter, defaultText)
  return {
    type,
    ...(description.trim() && { description: description.trim() }),
    ...(value !== undefined && { default: value }),
    ...(allowedValues.length > 0 && type !== 'Boolean' && { allowedValues }),
    ...(type === 'String' && pattern !== '' && { pattern }),
    ...(type !== 'Boolean' && Object.fromEntries(numbers)),
    ...(noEcho && { noEcho }),
    ...(actions.length > 0 && { actions: [...actions] }),
  }
}

function valueOf({ type }: ParameterDraft, text: string): ParameterValue | undefined {
  const coerced = coerceParameter({ type }, type === 'String' ? text : text.trim())
  return 'value' in coerced ? coerced.value : undefined
}

/** Undefined for invalid and for empty input. */
export function parseNumber(text: string): number | undefined {
  const coerced = coerceParameter({ type: 'Number' }, text.trim())
  return 'value' in coerced ? (coerced.value as number) : undefined
}

function renderConfiguration(configuration: WizardConfiguration): ConfigurationInput {
  const { os, arch, platforms, artifact, pending, scripts, verify, run } = configuration
  const written = scriptKinds.filter((kind) => scripts[kind].trim() !== '')
  const minutes = parseNumber(run.timeoutMinutes)
  return {
    os,
    arch: arch.trim(),
    ...(platforms.length > 0 && { platforms: renderPlatforms(platforms) }),
    ...(artifact && { artifact: { sha256: artifact.sha256, fileName: artifact.fileName, kind: artifact.kind } }),
    ...(!artifact && pending && { artifact: standIn(pending) }),
    scripts: Object.fromEntries(written.map((kind) => [kind, scripts[kind]])),
    verify: verify.map(writeCheck),
    run: {
      ...(run.runAs.trim() && { runAs: run.runAs.trim() }),
      ...(run.workDir.trim() && { workDir: run.workDir.trim() }),
      timeoutMs: Math.round((minutes ?? 0) * 60_000),
      unpack: run.unpack,
      keepWorkspace: run.keepWorkspace,
      ...(run.allowRemovals && { allowRemovals: true }),
      ...(run.signature && { signature: run.signature }),
    },
  }
}

/**
 * During an upload, validates the rest as if the package existed; nothing is created before it
 * does.
 */
const standIn = ({ fileName }: { readonly fileName: string }) => ({
  sha256: '0'.repeat(64),
  fileName,
  kind: inferArtifactKind(fileName),
})
