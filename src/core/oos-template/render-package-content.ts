import { artifactObjectOf } from '../artifact/artifact-object.ts'
import type { Configuration, Extension, ExtensionVersion, RunOptions, Scope } from '../extension/extension.ts'
import { dropAbsent, renderParameter } from './content-parameters.ts'
import { renderConfigurationPlatforms, renderScopePlatforms } from './content-platforms.ts'
import {
  type ConfigurationContent,
  type ConstraintsContent,
  type PackageContent,
  packageFormatVersion,
} from './package-content.ts'
import { categories } from './read-package-content.ts'

/** The fields of an extension and a version that a content contains. */
export type RenderedVersion = Pick<Extension, 'type' | 'description'> &
  Pick<ExtensionVersion, 'scope' | 'parameters' | 'configurations'>

/**
 * Renders a version as content; `readPackageContent` returns the same version, except for sizes and
 * ids, which are derived.
 */
export const renderPackageContent = ({
  type,
  description,
  scope,
  parameters,
  configurations,
}: RenderedVersion): PackageContent => ({
  FormatVersion: packageFormatVersion,
  Description: type === 'Application' ? description : { en: description, categories: [categories[type]] },
  Parameters: Object.fromEntries(
    Object.entries(parameters).map(([name, declaration]) => [name, renderParameter(declaration)]),
  ),
  Constraints: renderConstraints(scope),
  Packages: configurations.map(renderConfigurationContent),
})

/** Renders a scope as `Constraints`. */
export const renderConstraints = ({ instanceFamilies, imageTypes, platforms }: Scope): ConstraintsContent =>
  dropAbsent({
    InstanceTypeFamilies: instanceFamilies,
    ImageTypes: imageTypes,
    ...renderScopePlatforms(platforms),
  })

function renderConfigurationContent({
  os,
  arch,
  platforms,
  artifact,
  scripts,
  verify,
  run,
}: Configuration): ConfigurationContent {
  const object = artifact && artifactObjectOf(artifact)
  return dropAbsent({
    OSType: os,
    ...renderConfigurationPlatforms(platforms),
    Architecture: arch === 'any' ? '*' : arch,
    BucketName: object?.bucket,
    ObjectName: object?.key,
    Artifact: artifact && { sha256: artifact.sha256, fileName: artifact.fileName, kind: artifact.kind },
    InstallScript: scripts.install,
    UninstallScript: scripts.uninstall,
    UpdateScript: scripts.update,
    OutputScript: scripts.output,
    VerifyChecks: verify,
    RunOptions: renderRunOptions(run),
  })
}

/** In a fixed order, whatever order they were stored in: the same version has the same text. */
const renderRunOptions = ({
  runAs,
  workDir,
  timeoutMs,
  unpack,
  keepWorkspace,
  allowRemovals,
  signature,
}: RunOptions): RunOptions => dropAbsent({ runAs, workDir, timeoutMs, unpack, keepWorkspace, allowRemovals, signature })
