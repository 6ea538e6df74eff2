/** Extension in the overview response: instances by version. */
export interface ShownCoverage {
  readonly extension: string
  readonly installedOn: Readonly<Record<string, number>>
  readonly broken: number
}

export interface CoverageRow {
  readonly extension: string
  readonly count: number
  /** Share of all instances, 0 to 1. */
  readonly share: number
  /** Newest first. */
  readonly versions: readonly { readonly version: string; readonly count: number }[]
  readonly broken: number
}

/** Most widespread first. */
export const listCoverageRows = (coverage: readonly ShownCoverage[], instanceCount: number): CoverageRow[] =>
  coverage
    .map(({ extension, installedOn, broken }) => {
      const versions = Object.entries(installedOn)
        .map(([version, count]) => ({ version, count }))
        .toSorted((one, other) => numberOf(other.version) - numberOf(one.version))
      const count = versions.reduce((sum, version) => sum + version.count, 0)
      return { extension, versions, count, broken, share: instanceCount === 0 ? 0 : count / instanceCount }
    })
    .toSorted((one, other) => other.count - one.count || one.extension.localeCompare(other.extension))

/** Number of `v12`. */
const numberOf = (version: string) => Number(version.replace(/^\D+/, '')) || 0
