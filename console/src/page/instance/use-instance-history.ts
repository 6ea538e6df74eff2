import type { ResultPage } from '../../../../src/client/pages.ts'
import type { InstanceHistoryView } from '../../../../src/protocol/api/instances.ts'
import { type QueryResult, useQuery } from '../../data/use-query.ts'

const pageSize = 25

/** History of an instance, newest first, paginated; the first page includes open tasks. */
export const useInstanceHistory = (id: string, after: string): QueryResult<ResultPage<InstanceHistoryView>> =>
  useQuery(`instance/${id}/history?${after}`, (client) =>
    client.instances.listHistory(id, { maxResults: pageSize, nextToken: after === '' ? undefined : after }),
  )
