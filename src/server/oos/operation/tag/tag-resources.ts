import { z } from 'zod'
import { defineOperation } from '../../operation.ts'
import { tagsText } from '../../rpc/fields.ts'
import { changeResourceTags, resourceIds, resourceNamesOf, resourceType } from '../../template/tagged-resource.ts'

export const tagResources = defineOperation({
  name: 'TagResources',
  state: 'works',
  parameters: z.strictObject({ ResourceType: resourceType(), ResourceIds: resourceIds(), Tags: tagsText() }),
  resources: ({ ResourceType, ResourceIds }) => resourceNamesOf(ResourceType, ResourceIds),
  run: async (call, { ResourceType, ResourceIds, Tags }) => {
    await changeResourceTags(call, ResourceType, ResourceIds, { set: Tags })
    return {}
  },
})
