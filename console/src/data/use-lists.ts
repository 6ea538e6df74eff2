import { useConsoleData } from './console-data.tsx'
import { useStream } from './use-stream.ts'

/**
 * Queries that depend on all lists: the overview counts them, and the extensions of an instance
 * change with executions.
 */
const mixedKinds = ['overview', 'instance/']

/**
 * Keeps lists up to date on every page: refetches what changed. Keys start with the kind (see
 * `useQuery`).
 */
export function useLists(): void {
  const { queries } = useConsoleData()
  useStream(
    'lists',
    (client, options) => client.followLists(options),
    ({ executions, moreExecutions, instances, extensions }) => {
      const changed = { executions: executions.length > 0 || moreExecutions, instances, extensions }
      for (const [kind, isChanged] of Object.entries(changed)) if (isChanged) queries.refresh(kind)
      if (Object.values(changed).some(Boolean)) for (const kind of mixedKinds) queries.refresh(kind)
    },
  )
}
