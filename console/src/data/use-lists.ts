import { useConsoleData } from './console-data.tsx'
import { useStream } from './use-stream.ts'

/** Keeps whatever shows lists fresh, on every page: what changed is asked for again. Keys begin with the kind (see `useQuery`). */
export function useLists(): void {
  const { queries } = useConsoleData()
  useStream(
    'lists',
    (client, options) => client.followLists(options),
    ({ executions, moreExecutions, instances, extensions }) => {
      if (executions.length > 0 || moreExecutions) for (const kind of ['executions', 'overview']) queries.refresh(kind)
      if (instances) queries.refresh('instances')
      if (extensions) queries.refresh('extensions')
    },
  )
}
