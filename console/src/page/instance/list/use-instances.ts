import type { InstanceSelection } from '../../../../../src/client/instances.ts'
import { useQuery } from '../../../data/use-query.ts'
import { useRefreshEvery } from '../../../data/use-refresh-every.ts'
import { listFilterTokens, withStatus } from './filter-tokens.ts'
import type { InstancesState } from './instances-state.ts'

/** Installed extensions change with executions, without an event per instance. */
const refreshMs = 5_000

/** The page of instances and their total. Counting is slower, so the page does not wait for it. */
export function useInstances(state: InstancesState, pageSize: number) {
  const { sort, at } = state
  const { filter, search } = withStatus({ filter: state.filter, search: state.q }, state.status)
  const { tokens, problem } = listFilterTokens({ filter, search })
  const request: InstanceSelection = { ...(filter !== '' && { filter }), ...(search !== '' && { search }) }
  const requestKey = JSON.stringify(request)
  const page = useQuery(
    problem === undefined ? `instances?${requestKey}&${sort}&${at}&${pageSize}` : undefined,
    (client) => client.instances.list({ ...request, sort, maxResults: pageSize, ...(at !== '' && { nextToken: at }) }),
  )
  const counted = useQuery(problem === undefined ? `instances/count?${requestKey}` : undefined, (client) =>
    client.instances.list({ ...request, maxResults: 1, count: true }),
  )
  useRefreshEvery('instances?', refreshMs)
  return {
    request,
    /** Conditions of the address, including the status of a link. */
    query: { filter, search },
    tokens,
    /** Why the address is invalid. */
    problem,
    page,
    total: counted.isOld ? undefined : counted.data?.total,
  }
}
export type Instances = ReturnType<typeof useInstances>
