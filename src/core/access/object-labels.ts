import type { Tags } from '../instance/tags.ts'

/** The labels of an instance or an execution that policies can refer to. */
export interface ObjectLabels {
  readonly tags: Tags
  /** Empty: it belongs to none. */
  readonly resourceGroup: string
}

/** The condition key of the resource group of an instance or an execution. */
export const groupConditionKey = 'acs:ResourceGroup'
/**
 * The prefix of the condition keys of tags: `acs:ResourceTag/team`. The prefix is case-insensitive
 * like every key; the tag key is case-sensitive, because an instance can have both `team` and
 * `Team`.
 */
export const tagConditionPrefix = 'acs:ResourceTag/'

/** A condition key that depends on the object: its tag, or its resource group. */
export type LabelKey = { readonly tag: string } | 'group'

/** Undefined if the key does not depend on the object. */
export function readLabelKey(key: string): LabelKey | undefined {
  const lower = key.toLowerCase()
  if (lower === groupConditionKey.toLowerCase()) return 'group'
  const isTag = lower.startsWith(tagConditionPrefix.toLowerCase()) && key.length > tagConditionPrefix.length
  return isTag ? { tag: key.slice(tagConditionPrefix.length) } : undefined
}

/** The facts of an object for conditions. */
export const labelFacts = ({ tags, resourceGroup }: ObjectLabels): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`${tagConditionPrefix}${key}`, value])),
  [groupConditionKey]: resourceGroup,
})

/**
 * The labels that all of these objects have, for an object that stands for all of them. The group
 * is undefined if they have different ones.
 */
export function findCommonLabels(objects: readonly ObjectLabels[]): {
  readonly tags: Tags
  readonly resourceGroup: string | undefined
} {
  const [first, ...others] = objects
  if (!first) return { tags: {}, resourceGroup: undefined }
  const tags = Object.entries(first.tags).filter(([key, value]) => others.every((one) => one.tags[key] === value))
  const isSame = others.every(({ resourceGroup }) => resourceGroup === first.resourceGroup)
  return { tags: Object.fromEntries(tags), resourceGroup: isSame ? first.resourceGroup : undefined }
}
