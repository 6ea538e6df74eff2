import { z } from 'zod'
import { chandlerError } from '../../../core/error/errors.ts'
import type { TagChange } from '../../../core/instance/tags.ts'
import { changeExecutionTags, changeExtensionTags } from '../../app/tag/change-tags.ts'
import { type TaggedKind, taggedKinds } from '../../app/tag/list-tags.ts'
import type { OosCall } from '../operation.ts'
import { listText } from '../rpc/fields.ts'

/**
 * Resource types with tags and a resource group: templates and executions (reference §5.7 lists
 * others, which do not exist here).
 */
export const resourceType = () =>
  z.string().transform((value): TaggedKind => {
    const found = taggedKinds.find((kind) => kind === value.toLowerCase())
    if (!found) throw chandlerError('TagResourceTypeUnsupported', { type: value })
    return found
  })

/** Names of templates, ids of executions. */
export const resourceIds = () => listText({ max: 50 })

/** The resource names in policies. */
export const resourceNamesOf = (kind: TaggedKind, ids: readonly string[]) => ids.map((id) => `${kind}/${id}`)

export const changeResourceTags = (
  { context, actor }: OosCall,
  kind: TaggedKind,
  ids: readonly string[],
  change: TagChange,
): Promise<void> =>
  kind === 'template'
    ? changeExtensionTags(context, actor, ids, change)
    : changeExecutionTags(context, actor, ids, change, 'set' in change ? 'oos:TagResources' : 'oos:UntagResources')
