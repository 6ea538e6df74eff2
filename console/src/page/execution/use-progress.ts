import type { Client } from '../../../../src/client/client.ts'
import { isEnded } from '../../../../src/core/execution/execution.ts'
import type { ExecutionView } from '../../../../src/protocol/api/executions.ts'
import { executionKey } from './use-execution.ts'
import { useFreshQuery } from './use-fresh-query.ts'

export type ProgressView = Awaited<ReturnType<Client['executions']['getProgress']>>

/** Expected progress from the server for a running execution; refetched as it advances. */
export const useProgress = ({ id, status, revision }: ExecutionView) =>
  useFreshQuery(isEnded(status) ? undefined : `${executionKey(id)}/progress`, revision, (client) =>
    client.executions.getProgress(id),
  )
