import { z } from 'zod'
import { listResourceTags } from '../../../app/tag/list-tags.ts'
import { defineOperation } from '../../operation.ts'
import { nextToken, tagsText } from '../../rpc/fields.ts'
import { makeOosPage, parseNextToken } from '../../rpc/next-token.ts'
import { resourceIds, resourceNamesOf, resourceType } from '../../template/tagged-resource.ts'

const name = 'ListTagResources'
/** The operation has no page size parameter. */
const pageSize = 100

export const listTagResources = defineOperation({
  name,
  state: 'works',
  parameters: z.strictObject({
    ResourceType: resourceType(),
    ResourceIds: resourceIds().optional(),
    Tags: tagsText().optional(),
    NextToken: nextToken(),
  }),
  resources: ({ ResourceType, ResourceIds }) => resourceNamesOf(ResourceType, ResourceIds ?? ['*']),
  run: async ({ context, actor }, { ResourceType, ResourceIds, Tags, NextToken }) => {
    const rows = await listResourceTags(context, actor, ResourceType, {
      resourceIds: ResourceIds,
      tags: Tags,
      after: parseNextToken(name, NextToken, z.tuple([z.string(), z.string()])),
      limit: pageSize + 1,
    })
    const page = makeOosPage(
      name,
      rows,
      pageSize,
      ({ resourceId, key }) => [resourceId, key],
      ({ resourceId, key, value }) => ({ ResourceId: resourceId, ResourceType, TagKey: key, TagValue: value }),
    )
    return { NextToken: page.NextToken, TagResources: { TagResource: page.items } }
  },
})
