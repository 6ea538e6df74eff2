import type { ExecutionStatus, TaskReasonCode, TaskStatus } from '../core/execution/execution.ts'
import type { Stream } from '../protocol/agent-messages.ts'
import {
  type ExecutionPatch,
  type ExecutionRequest,
  executionSchema,
  executionSummarySchema,
  failuresSchema,
  outputChunkSchema,
  outputMatchesSchema,
  type PlanRequest,
  planPageSchema,
  planSchema,
  progressSchema,
  type RetryInput,
  type TaskSort,
  taskDetailSchema,
  taskSchema,
} from '../protocol/api/executions.ts'
import { pageOf } from '../protocol/api/page.ts'
import type { FollowOptions } from './event-stream.ts'
import { type FollowExecutionOptions, followExecution, followOutput } from './follow.ts'
import type { PageQuery } from './pages.ts'
import { pathOf, type Transport } from './transport.ts'

export interface ExecutionQuery extends PageQuery {
  readonly status?: ExecutionStatus | undefined
  readonly extension?: string | undefined
  /** `k=v[,k2=v2]` */
  readonly tag?: string | undefined
}

export interface TaskQuery extends PageQuery {
  /** One of these. */
  readonly status?: TaskStatus | readonly TaskStatus[] | undefined
  readonly reasonCode?: TaskReasonCode | undefined
  readonly batch?: number | undefined
  readonly instanceId?: string | undefined
  /** The key of a group of failures. */
  readonly failure?: string | undefined
  /** A part of the instance's name or id, or of the reason. */
  readonly search?: string | undefined
  readonly sort?: TaskSort | undefined
}

export interface TaskOutputQuery {
  readonly stream?: Stream | undefined
  readonly attempt?: number | undefined
}

export interface OutputQuery extends PageQuery {
  readonly instanceId?: string | undefined
  readonly stream?: Stream | undefined
}

const executionPage = pageOf(executionSummarySchema)
const taskPage = pageOf(taskSchema)
const outputPage = pageOf(outputChunkSchema)

/** Plans and executions: starting, controlling, watching and reading what they printed. */
export const createExecutionsClient = (transport: Transport) => {
  const control = (name: string) => (id: string) =>
    transport.request('POST', `${pathOf`/executions/${id}`}/${name}`, executionSchema)
  const controlTask = (name: string) => (id: string, instanceId: string) =>
    transport.request('POST', `${pathOf`/executions/${id}/tasks/${instanceId}`}/${name}`, taskSchema)
  return {
    /** A summary and the first targets; `listPlanTargets` has all of them. */
    plan: (body: PlanRequest) => transport.request('POST', '/plans', planSchema, { body }),
    listPlanTargets: (id: string, { nextToken }: Pick<PageQuery, 'nextToken'> = {}) =>
      transport.request('GET', pathOf`/plans/${id}/targets`, planPageSchema, { query: { nextToken } }),
    start: (body: ExecutionRequest) => transport.request('POST', '/executions', executionSchema, { body }),
    list: (query: ExecutionQuery = {}) =>
      transport.request('GET', '/executions', executionPage, { query: { ...query } }),
    get: (id: string) => transport.request('GET', pathOf`/executions/${id}`, executionSchema),
    delete: (id: string) => transport.send('DELETE', pathOf`/executions/${id}`),

    pause: control('pause'),
    resume: control('resume'),
    cancel: control('cancel'),
    /** Mode Debug: what was never run ends. */
    complete: control('complete'),
    /** What people say about it. */
    patch: (id: string, body: ExecutionPatch) =>
      transport.request('PATCH', pathOf`/executions/${id}`, executionSchema, { body }),
    /** Failed and never started targets only, as a new execution; or some of them. */
    retry: (id: string, body: RetryInput = {}) =>
      transport.request('POST', pathOf`/executions/${id}/retry`, executionSchema, { body }),
    /** What a retry would do. */
    planRetry: (id: string, body: Pick<RetryInput, 'failure' | 'instanceIds'> = {}) =>
      transport.request('POST', pathOf`/executions/${id}/retry/plan`, planSchema, { body }),
    /** One failed task of an execution that waits after a failure. */
    retryTask: controlTask('retry'),
    skipTask: controlTask('skip'),
    /** Mode Debug: the task of this instance is next. */
    runTask: controlTask('run'),
    cancelTask: controlTask('cancel'),

    listTasks: (id: string, query: TaskQuery = {}) =>
      transport.request('GET', pathOf`/executions/${id}/tasks`, taskPage, {
        query: { ...query, status: query.status?.toString() },
      }),
    /** Failed tasks that are alike, the largest group first. */
    listFailures: (id: string) => transport.request('GET', pathOf`/executions/${id}/failures`, failuresSchema),
    /** How far it is, when it will be over, what it waits for. */
    getProgress: (id: string) => transport.request('GET', pathOf`/executions/${id}/progress`, progressSchema),
    getTask: (id: string, instanceId: string) =>
      transport.request('GET', pathOf`/executions/${id}/tasks/${instanceId}`, taskDetailSchema),
    listOutput: (id: string, query: OutputQuery = {}) =>
      transport.request('GET', pathOf`/executions/${id}/output`, outputPage, { query: { ...query } }),

    searchOutput: (id: string, instanceId: string, query: TaskOutputQuery & { readonly text: string }) =>
      transport.request('GET', pathOf`/executions/${id}/tasks/${instanceId}/output/search`, outputMatchesSchema, {
        query: { ...query },
      }),
    /** What a task has printed, byte for byte, as it comes. */
    openOutput: (id: string, instanceId: string, query: TaskOutputQuery = {}, signal?: AbortSignal) =>
      transport.open(pathOf`/executions/${id}/tasks/${instanceId}/output.txt`, {
        query: { ...query },
        headers: { accept: 'text/plain' },
        signal,
      }),

    /** Every change from `after` (a revision; absent = from the start) until the execution is over, over lost connections. */
    follow: (id: string, options: FollowExecutionOptions = {}) => followExecution(transport, id, options),
    /** Output as it is printed, from the first byte until the execution is over, over lost connections. */
    followOutput: (id: string, options: FollowOptions & { readonly instanceId?: string | undefined } = {}) =>
      followOutput(transport, id, options),
  }
}
