import { z } from 'zod'
import { chandlerError } from '../../../../core/error/errors.ts'
import { defineOperation } from '../../operation.ts'
import { boolean, listText } from '../../rpc/fields.ts'
import { changeResourceTags, resourceIds, resourceNamesOf, resourceType } from '../../template/tagged-resource.ts'

export const untagResources = defineOperation({
  name: 'UntagResources',
  state: 'works',
  parameters: z.strictObject({
    ResourceType: resourceType(),
    ResourceIds: resourceIds(),
    TagKeys: listText({ max: 20 }).optional(),
    All: boolean().default(false),
  }),
  resources: ({ ResourceType, ResourceIds }) => resourceNamesOf(ResourceType, ResourceIds),
  run: async (call, { ResourceType, ResourceIds, TagKeys, All }) => {
    if (!TagKeys && !All) throw chandlerError('RequestParameterMissing', { name: 'TagKeys' })
    await changeResourceTags(call, ResourceType, ResourceIds, { remove: TagKeys ?? 'all' })
    return {}
  },
})
