/** `v1 → v2`, or the only version; empty if there is none. */
export const renderVersions = ({
  fromVersion,
  toVersion,
}: {
  readonly fromVersion?: string | undefined
  readonly toVersion?: string | undefined
}): string => [...new Set([fromVersion, toVersion].filter((version) => version !== undefined))].join(' → ')
