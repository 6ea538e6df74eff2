import { useState } from 'react'
import { renderSelector } from '../../../../../src/core/plan/targets.ts'
import { useQuery } from '../../../data/use-query.ts'

const pageSize = 10

export interface InstancePickerRequest {
  readonly search: string
  /** Restrict to these IDs. */
  readonly ids: readonly string[] | undefined
}

/** Paginated instances; the server identifies a page by a token, so navigation is step by step. */
export function useInstancePages({ search, ids }: InstancePickerRequest) {
  const [tokens, setTokens] = useState<readonly (string | undefined)[]>([undefined])
  const [index, setIndex] = useState(1)
  // An empty ID list means no instances, not all of them.
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
