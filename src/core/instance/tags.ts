import { maxTagLength, maxTagsPerInstance } from '../limits.ts'

/** Tag values by key. */
export type Tags = Readonly<Record<string, string>>

/**
 * Why tags are invalid, to follow "the tags are not well-formed:". The same limits apply to all
 * taggable objects.
 */
export function validateTags(tags: Tags): string | undefined {
  const entries = Object.entries(tags)
  if (entries.length > maxTagsPerInstance) return `there would be ${entries.length}; ${maxTagsPerInstance} are allowed`
  for (const [key, value] of entries) {
    if (key === '' || key.length > maxTagLength)
      return `a key has ${key.length} letters; 1 to ${maxTagLength} are allowed`
    if (value.length > maxTagLength)
      return `the value of ${key} has ${value.length} letters; ${maxTagLength} are allowed`
    if (key === '__proto__' || [key, value].some((text) => !text.isWellFormed() || text.includes('\0')))
      return `the tag ${key} holds what cannot be kept`
  }
  return undefined
}

/** Sets tags, or removes those with the given keys. */
export type TagChange = { readonly set: Tags } | { readonly remove: readonly string[] | 'all' }

/** Applies a change to tags; a set tag replaces the value of the same key. */
export function applyTagChange(tags: Tags, change: TagChange): Tags {
  if ('set' in change) return { ...tags, ...change.set }
  if (change.remove === 'all') return {}
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !change.remove.includes(key)))
}
