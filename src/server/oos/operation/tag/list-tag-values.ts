import { z } from 'zod'
import { maxTagLength } from '../../../../core/limits.ts'
import { listTagValues as listValues, taggedKinds } from '../../../app/tag/list-tags.ts'
import { defineOperation } from '../../operation.ts'
import { maxResults, nextToken, text } from '../../rpc/fields.ts'
import { makeOosPage, parseNextToken } from '../../rpc/next-token.ts'
import { resourceType } from '../../template/tagged-resource.ts'

const name = 'ListTagValues'

/** Without Key: the values of all keys; without ResourceType: of all taggable resources. */
export const listTagValues = defineOperation({
  name,
  state: 'works',
  parameters: z.strictObject({
    ResourceType: resourceType().optional(),
    Key: text(maxTagLength).optional(),
    MaxResults: maxResults(),
    NextToken: nextToken(),
  }),
  resources: () => [],
  run: async ({ context, actor }, { ResourceType, Key, MaxResults, NextToken }) => {
    const [after] = parseNextToken(name, NextToken, z.tuple([z.string()])) ?? []
    const kinds = ResourceType ? [ResourceType] : taggedKinds
    const values = await listValues(context, actor, kinds, Key, { after, limit: MaxResults + 1 })
    const page = makeOosPage(
      name,
      values,
      MaxResults,
      (value) => [value],
      (value) => value,
    )
    return { Values: page.items, MaxResults, NextToken: page.NextToken }
  },
})
