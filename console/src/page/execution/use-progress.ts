import type { Client } from '../../../../src/client/client.ts'
import { isEnded } from '../../../../src/core/execution/execution.ts'
import type { ExecutionView } from '../../../../src/protocol/api/executions.ts'
import { executionKey } from './use-execution.ts'
import { useFreshQuery } from './use-fresh-query.ts'

export type ProgressView = Awaited<ReturnType<Client['executions']['getProgress']>>

/** What the server expects of an execution that has not ended; asked again as it goes on. */
export const useProgress = ({ id, status, revision }: ExecutionView) =>
  useFreshQuery(isEnded(status) ? undefined : `${executionKey(id)}/progress`, revision, (client) =>
    client.executions.getProgress(id),
  )
