import { useEffect, useRef } from 'react'
import type { Client } from '../../../../src/client/client.ts'
import { type QueryResult, useQuery } from '../../data/use-query.ts'

/** Refetches when `version` changes, at most once per interval; never omits the last change. */
export function useFreshQuery<Data>(
  key: string | undefined,
  version: number | string | undefined,
  load: (client: Client) => Promise<Data>,
  everyMs = 2_000,
): QueryResult<Data> {
  const query = useQuery(key, load)
  const { refresh } = query
  const fetchedVersion = useRef(version)
  const fetchedAt = useRef(Number.NEGATIVE_INFINITY)
  useEffect(() => {
    if (key === undefined || version === fetchedVersion.current) return
    const waitMs = Math.max(0, fetchedAt.current + everyMs - performance.now())
    const timer = setTimeout(() => {
      fetchedVersion.current = version
      fetchedAt.current = performance.now()
      refresh()
    }, waitMs)
    return () => clearTimeout(timer)
  }, [key, version, everyMs, refresh])
  return query
}
