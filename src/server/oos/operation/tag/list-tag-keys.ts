import { z } from 'zod'
import { listTagKeys as listKeys, taggedKinds } from '../../../app/tag/list-tags.ts'
import { defineOperation } from '../../operation.ts'
import { maxResults, nextToken } from '../../rpc/fields.ts'
import { makeOosPage, parseNextToken } from '../../rpc/next-token.ts'
import { resourceType } from '../../template/tagged-resource.ts'

const name = 'ListTagKeys'

/** Without ResourceType: the keys of all taggable resources. */
export const listTagKeys = defineOperation({
  name,
  state: 'works',
  parameters: z.strictObject({
    ResourceType: resourceType().optional(),
    MaxResults: maxResults(),
    NextToken: nextToken(),
  }),
  resources: () => [],
  run: async ({ context, actor }, { ResourceType, MaxResults, NextToken }) => {
    const [after] = parseNextToken(name, NextToken, z.tuple([z.string()])) ?? []
    const kinds = ResourceType ? [ResourceType] : taggedKinds
    const keys = await listKeys(context, actor, kinds, { after, limit: MaxResults + 1 })
    const page = makeOosPage(
      name,
      keys,
      MaxResults,
      (key) => [key],
      (key) => key,
    )
    return { Keys: page.items, MaxResults, NextToken: page.NextToken }
  },
})
