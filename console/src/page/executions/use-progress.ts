import { isEnded } from '../../../../src/core/execution.ts'
import type { ExecutionView } from '../../../../src/protocol/api/executions.ts'
import { executionKey } from './use-execution.ts'
import { useFreshQuery } from './use-fresh-query.ts'

/** What the server expects of an execution that has not ended; asked again as it goes on. */
export const useProgress = ({ id, status, revision }: ExecutionView) =>
  useFreshQuery(isEnded(status) ? undefined : `${executionKey(id)}/progress`, revision, (client) =>
    client.executions.getProgress(id),
  )
