import { InvalidArgumentError } from 'commander'
import { parseCaDigest } from '../core/tls/ca-digest.ts'
import { parseDuration } from '../lib/duration.ts'
import { UsageError } from './usage-error.ts'

/** `k=v`; the value may contain `=`. */
export function parsePair(text: string, what: string): [string, string] {
  const place = text.indexOf('=')
  if (place <= 0) throw new UsageError(`"${text}" is not a ${what}`, 'Use name=value.')
  return [text.slice(0, place), text.slice(place + 1)]
}

/** `k=v`, or `k` for a tag without a value. */
export const parseTag = (text: string): [string, string] => (text.includes('=') ? parsePair(text, 'tag') : [text, ''])

/** Tag changes: `k=v` sets, `k-` removes. */
export function applyTagChanges(
  tags: Readonly<Record<string, string>>,
  changes: readonly string[],
): Record<string, string> {
  const next = new Map(Object.entries(tags))
  for (const change of changes) {
    if (!change.includes('=') && change.endsWith('-')) next.delete(change.slice(0, -1))
    else next.set(...parseTag(change))
  }
  return Object.fromEntries(next)
}

/** Collects the values of a repeatable option. */
export const collect = (text: string, earlier: readonly string[] = []): readonly string[] => [...earlier, text]

export function parseCount(text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a number of at least 1.')
  return Number(text)
}

export function parseDurationOption(text: string): number {
  const durationMs = parseDuration(text)
  if (durationMs === undefined) throw new InvalidArgumentError('Use a duration such as 90s, 30m, 2h or 7d.')
  return durationMs
}

/** A date (00:00 UTC) or an instant, as ISO 8601 in UTC. */
export function parseInstantOption(text: string): string {
  const at = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(text) ? new Date(text) : undefined
  if (at === undefined || Number.isNaN(at.getTime()))
    throw new InvalidArgumentError('Use a date or time such as 2026-01-31 or 2026-01-31T08:00:00Z.')
  return at.toISOString()
}

/** Digest of a CA certificate: 64 hexadecimal digits. */
export function parseCaDigestOption(text: string): string {
  const digest = parseCaDigest(text)
  if (digest === undefined) throw new InvalidArgumentError('Use the SHA-256 of the CA: 64 hexadecimal digits.')
  return digest
}
