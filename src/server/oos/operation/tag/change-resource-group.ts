import { z } from 'zod'
import { patchExecution } from '../../../app/execution/patch-execution.ts'
import { patchExtension } from '../../../app/extension/patch-extension.ts'
import { defineOperation } from '../../operation.ts'
import { text } from '../../rpc/fields.ts'
import { resourceNamesOf, resourceType } from '../../template/tagged-resource.ts'
import { resourceGroupText } from '../../template/template-fields.ts'

export const changeResourceGroup = defineOperation({
  name: 'ChangeResourceGroup',
  state: 'works',
  parameters: z.strictObject({
    ResourceType: resourceType(),
    ResourceId: text(256),
    NewResourceGroupId: resourceGroupText(),
  }),
  resources: ({ ResourceType, ResourceId }) => resourceNamesOf(ResourceType, [ResourceId]),
  run: async ({ context, actor }, { ResourceType, ResourceId, NewResourceGroupId }) => {
    const patch = { resourceGroup: NewResourceGroupId }
    if (ResourceType === 'template') await patchExtension(context, actor, ResourceId, patch)
    else await patchExecution(context, actor, ResourceId, patch, 'oos:ChangeResourceGroup')
    return {}
  },
})
