import { parseVersion, showVersion } from '../../../../../src/core/extension/extension.ts'
import type { VersionView } from '../../../../../src/protocol/api/extensions.ts'

export type ChosenVersion =
  | { readonly version: VersionView }
  | { readonly problem: 'unknown' | 'deprecated'; readonly label: string }
  /** No version can be installed. */
  | { readonly problem: 'none' }

const numberOf = ({ version }: Pick<VersionView, 'version'>) => parseVersion(version) ?? 0

/** Versions, newest first. */
export const sortVersions = <Version extends Pick<VersionView, 'version'>>(versions: readonly Version[]): Version[] =>
  versions.toSorted((a, b) => numberOf(b) - numberOf(a))

/** The newest version that is not deprecated: the default. */
export const findNewest = <Version extends Pick<VersionView, 'version' | 'deprecated'>>(
  versions: readonly Version[],
): Version | undefined => sortVersions(versions).find(({ deprecated }) => !deprecated)

/** The version with this label, or the default; otherwise the problem. */
export function chooseVersion(versions: readonly VersionView[], label: string): ChosenVersion {
  if (label === '') {
    const newest = findNewest(versions)
    return newest ? { version: newest } : { problem: 'none' }
  }
  const number = parseVersion(label)
  const version = versions.find((candidate) => numberOf(candidate) === number)
  if (!version) return { problem: 'unknown', label: number === undefined ? label : showVersion(number) }
  return version.deprecated ? { problem: 'deprecated', label: version.version } : { version }
}
