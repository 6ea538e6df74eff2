import { maxTagLength, maxTagsPerInstance } from '../../../../src/core/limits.ts'
import type { Catalogue } from '../../i18n/catalogue.ts'

/** Formats tags for the text area, one `name=value` per line. */
export const writeTagLines = (tags: Readonly<Record<string, string>>): string =>
  Object.entries(tags)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')

/**
 * Parses the text, or returns the problem. Duplicate names are an error: otherwise one value would
 * be lost silently.
 */
export function readTagLines(
  text: string,
  texts: Catalogue['data']['tags'],
): { readonly tags: Readonly<Record<string, string>> } | { readonly problem: string } {
  const tags = new Map<string, string>()
  for (const line of text.split('\n').map((part) => part.trim())) {
    if (line === '') continue
    const equals = line.indexOf('=')
    if (equals < 1) return { problem: texts.wrong(line) }
    const name = line.slice(0, equals).trim()
    const value = line.slice(equals + 1).trim()
    if (tags.has(name)) return { problem: texts.twice(name) }
    if (Math.max(name.length, value.length) > maxTagLength) return { problem: texts.tooLong(name, maxTagLength) }
    tags.set(name, value)
  }
  return tags.size > maxTagsPerInstance
    ? { problem: texts.tooMany(maxTagsPerInstance) }
    : { tags: Object.fromEntries(tags) }
}
