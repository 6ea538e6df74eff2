import type { ExecutionStatus, TaskReasonCode, TaskStatus } from '../core/execution/execution.ts'
import type { Stream } from '../protocol/agent-protocol.ts'
import {
  type ExecutionPatch,
  type ExecutionRequest,
  executionSchema,
  executionSummarySchema,
  failuresSchema,
  outputChunkSchema,
  outputMatchesSchema,
  type PlanRequest,
  progressSchema,
  type RetryInput,
  type TaskSort,
  taskDetailSchema,
  taskSchema,
} from '../protocol/api/executions.ts'
import type { ApprovalInput } from '../protocol/api/gates.ts'
import { pageOf } from '../protocol/api/page.ts'
import { planSignaturesSchema } from '../protocol/api/plan/plan-signatures.ts'
import { planPageSchema, planSchema } from '../protocol/api/plan/plans.ts'
import type { RollbackInput, RollbackPlanInput } from '../protocol/api/rollback.ts'
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
  /** Any of these statuses. */
  readonly status?: TaskStatus | readonly TaskStatus[] | undefined
  readonly reasonCode?: TaskReasonCode | undefined
  readonly batch?: number | undefined
  readonly instanceId?: string | undefined
  /** Key of a group of failures. */
  readonly failure?: string | undefined
  /** Substring of the instance's name or id, or of the reason. */
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

/** Plans and executions: start, control, follow, and read output. */
export const createExecutionsClient = (transport: Transport) => {
  const control = (name: string) => (id: string) =>
    transport.request('POST', `${pathOf`/executions/${id}`}/${name}`, executionSchema)
  const controlTask = (name: string) => (id: string, instanceId: string) =>
    transport.request('POST', `${pathOf`/executions/${id}/tasks/${instanceId}`}/${name}`, taskSchema)
  return {
    /** Summary and first page of targets; `listPlanTargets` returns all targets. */
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
    /** Mode Debug: cancels the tasks that were not run and closes the execution. */
    complete: control('complete'),
    /** Description and tags. */
    patch: (id: string, body: ExecutionPatch) =>
      transport.request('PATCH', pathOf`/executions/${id}`, executionSchema, { body }),
    /** Starts a new execution for the targets that failed or never started, or for some of them. */
    retry: (id: string, body: RetryInput = {}) =>
      transport.request('POST', pathOf`/executions/${id}/retry`, executionSchema, { body }),
    /** The plan of a retry. */
    planRetry: (id: string, body: Pick<RetryInput, 'failure' | 'instanceIds'> = {}) =>
      transport.request('POST', pathOf`/executions/${id}/retry/plan`, planSchema, { body }),
    /** Approves the next batch at an approval gate. */
    approve: (id: string, body: ApprovalInput = {}) =>
      transport.request('POST', pathOf`/executions/${id}/approve`, executionSchema, { body }),
    /** The canonical bytes of the plan that approvers sign, with their signatures. */
    getPlanSignatures: (id: string) =>
      transport.request('GET', pathOf`/executions/${id}/plan-signatures`, planSignaturesSchema),
    /** @param signature of an approver, in the namespace chandler-plan */
    addPlanSignature: (id: string, signature: string) =>
      transport.request('POST', pathOf`/executions/${id}/plan-signatures`, planSignaturesSchema, {
        body: { signature },
      }),
    /** Rejects the next batch at an approval gate, which then fails. */
    reject: (id: string, body: ApprovalInput = {}) =>
      transport.request('POST', pathOf`/executions/${id}/reject`, executionSchema, { body }),
    /** Starts a new execution that returns the changed instances to their previous states. */
    rollback: (id: string, body: RollbackInput = {}) =>
      transport.request('POST', pathOf`/executions/${id}/rollback`, executionSchema, { body }),
    /** The plan of a rollback. */
    planRollback: (id: string, body: RollbackPlanInput = {}) =>
      transport.request('POST', pathOf`/executions/${id}/rollback/plan`, planSchema, { body }),
    /** Retries one failed task of an execution that waits after a failure. */
    retryTask: controlTask('retry'),
    skipTask: controlTask('skip'),
    /** Mode Debug: runs the task of this instance next. */
    runTask: controlTask('run'),
    cancelTask: controlTask('cancel'),

    listTasks: (id: string, query: TaskQuery = {}) =>
      transport.request('GET', pathOf`/executions/${id}/tasks`, taskPage, {
        query: { ...query, status: query.status?.toString() },
      }),
    /** Similar failed tasks in groups, the largest group first. */
    listFailures: (id: string) => transport.request('GET', pathOf`/executions/${id}/failures`, failuresSchema),
    /** Progress, estimated end, and the executions that it waits for. */
    getProgress: (id: string) => transport.request('GET', pathOf`/executions/${id}/progress`, progressSchema),
    getTask: (id: string, instanceId: string) =>
      transport.request('GET', pathOf`/executions/${id}/tasks/${instanceId}`, taskDetailSchema),
    listOutput: (id: string, query: OutputQuery = {}) =>
      transport.request('GET', pathOf`/executions/${id}/output`, outputPage, { query: { ...query } }),

    searchOutput: (id: string, instanceId: string, query: TaskOutputQuery & { readonly text: string }) =>
      transport.request('GET', pathOf`/executions/${id}/tasks/${instanceId}/output/search`, outputMatchesSchema, {
        query: { ...query },
      }),
    /** The output of a task, byte for byte, as a stream. */
    openOutput: (id: string, instanceId: string, query: TaskOutputQuery = {}, signal?: AbortSignal) =>
      transport.open(pathOf`/executions/${id}/tasks/${instanceId}/output.txt`, {
        query: { ...query },
        headers: { accept: 'text/plain' },
        signal,
      }),

    /**
     * Every change after the revision `after` (absent: from the start) until the execution ends;
     * reconnects.
     */
    follow: (id: string, options: FollowExecutionOptions = {}) => followExecution(transport, id, options),
    /** Output from the first byte until the execution ends, as the tasks print it; reconnects. */
    followOutput: (id: string, options: FollowOptions & { readonly instanceId?: string | undefined } = {}) =>
      followOutput(transport, id, options),
  }
}
