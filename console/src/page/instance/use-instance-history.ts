import type { ResultPage } from '../../../../src/client/pages.ts'
import type { InstanceHistoryView } from '../../../../src/protocol/api/instances.ts'
import { type QueryResult, useQuery } from '../../data/use-query.ts'

const pageSize = 25

/** What was done on an instance, the newest first, a page at a time; the first one also says what is being done now. */
export const useInstanceHistory = (id: string, after: string): QueryResult<ResultPage<InstanceHistoryView>> =>
  useQuery(`instance/${id}/history?${after}`, (client) =>
    client.instances.listHistory(id, { maxResults: pageSize, nextToken: after === '' ? undefined : after }),
  )
