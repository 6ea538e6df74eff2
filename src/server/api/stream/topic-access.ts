import type { Topic } from '../../../protocol/api/streams.ts'
import type { RouteAccess } from '../http/authorisation.ts'

/** What one has to be allowed to follow a topic: the same on its own route and on a stream that it shares with others. */
export const topicAccess = {
  // Ids and nothing of what they stand for.
  lists: 'any-user',
  execution: [
    { action: 'oos:ListExecutions', on: 'execution/{params.id}' },
    { action: 'oos:ListTaskExecutions', on: 'execution/{params.id}' },
  ],
  output: [{ action: 'oos:ListExecutionLogs', on: 'execution/{params.id}' }],
} as const satisfies Record<Topic['kind'], RouteAccess>
