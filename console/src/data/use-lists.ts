import { useConsoleData } from './console-data.tsx'
import { useStream } from './use-stream.ts'

/** What depends on all of them: the overview counts them, and what one instance has of each extension changes with executions. */
const mixedKinds = ['overview', 'instance/']

/** Keeps whatever shows lists fresh, on every page: what changed is asked for again. Keys begin with the kind (see `useQuery`). */
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
