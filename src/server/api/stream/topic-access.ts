import type { Topic } from '../../../protocol/api/streams.ts'
import type { RouteAccess } from '../http/authorisation.ts'

/** The permissions that a topic requires: the same on its own route and on a shared stream. */
export const topicAccess = {
  // The stream contains only ids.
  lists: 'any-user',
  execution: [
    { action: 'oos:ListExecutions', on: 'execution/{params.id}' },
    { action: 'oos:ListTaskExecutions', on: 'execution/{params.id}' },
  ],
  output: [{ action: 'oos:ListExecutionLogs', on: 'execution/{params.id}' }],
} as const satisfies Record<Topic['kind'], RouteAccess>
