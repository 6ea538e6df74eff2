import { useState } from 'react'
import { renderSelector } from '../../../../../src/core/plan/targets.ts'
import { useQuery } from '../../../data/use-query.ts'

const pageSize = 10

export interface InstancePickerRequest {
  readonly search: string
  /** Only these. */
  readonly ids: readonly string[] | undefined
}

/** Pages of a table of instances; the server knows a page by what is before it, so that one goes on page by page. */
export function useInstancePages({ search, ids }: InstancePickerRequest) {
  const [tokens, setTokens] = useState<readonly (string | undefined)[]>([undefined])
  const [index, setIndex] = useState(1)
  // No instance at all is another question than those of an empty list.
  const isNothing = ids !== undefined && ids.length === 0
  const request = {
    ...(search.trim() !== '' && { search: search.trim() }),
    ...(ids && !isNothing && { targets: renderSelector({ kind: 'ids', ids }) }),
  }
  const nextToken = tokens[index - 1]
  const key = `instances?${new URLSearchParams({ ...request, page: nextToken ?? '' })}`
  const page = useQuery(isNothing ? undefined : key, (client) =>
    client.instances.list({ ...request, count: true, maxResults: pageSize, nextToken }),
  )
  const total = isNothing ? undefined : page.data?.total
  const lastToken = page.isOld ? undefined : page.data?.nextToken
  return {
    page: isNothing ? { ...page, data: undefined } : page,
    request,
    total,
    index,
    count: Math.max(tokens.length, index + (lastToken === undefined ? 0 : 1)),
    isOpenEnd: lastToken !== undefined,
    go(next: number) {
      if (next > tokens.length && lastToken !== undefined) setTokens([...tokens, lastToken])
      if (next <= tokens.length || lastToken !== undefined) setIndex(next)
    },
    toFirst() {
      setTokens([undefined])
      setIndex(1)
    },
  }
}
