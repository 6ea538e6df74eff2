import { parseVersion } from './extension.ts'

/** The newest version that is not deprecated, under the name that references use. */
const latestReference = 'latest'

/**
 * 1 to 32 lower-case letters, digits and hyphens; begins with a letter, and is not `v` with a
 * number: `v0` is a wrong version and not a channel.
 */
const channelNamePattern = /^(?!v[0-9]+$)[a-z][a-z0-9-]{0,31}$/

/** A version as a user refers to it; see `parseVersionReference`. */
export type VersionReference =
  | { readonly kind: 'number'; readonly version: number }
  | { readonly kind: 'latest' }
  | { readonly kind: 'channel'; readonly channel: string }

/**
 * Parses a reference to a version: `v3` or `3`, `latest`, or the name of a channel such as
 * `stable`. Undefined if it is none of them.
 */
export function parseVersionReference(text: string): VersionReference | undefined {
  const version = parseVersion(text)
  if (version !== undefined) return { kind: 'number', version }
  if (text === latestReference) return { kind: 'latest' }
  return channelNamePattern.test(text) ? { kind: 'channel', channel: text } : undefined
}

/** Why a channel cannot have this name; undefined if it can. */
export function findChannelNameFault(name: string): string | undefined {
  const reference = parseVersionReference(name)
  if (reference === undefined)
    return 'must be 1 to 32 lower-case letters, digits and hyphens, beginning with a letter, and not be v with a number'
  return reference.kind === 'channel' ? undefined : 'refers to a version'
}
