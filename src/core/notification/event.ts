import type { ExecutionReasonCode, ExecutionStatus, TaskStatus } from '../execution/execution.ts'
import type { ExecutionId, InstanceId } from '../id.ts'
import type { Reason } from '../reason/reason.ts'

/** What a webhook can subscribe to. */
export const eventTypes = [
  'execution.started',
  'execution.approvalRequired',
  'execution.gateFailed',
  'execution.budgetSpent',
  'execution.finished',
  'instance.offline',
  'assignment.halted',
  'drift',
] as const
export type EventType = (typeof eventTypes)[number]

/** Something that happened in an account, as receivers are notified of it. */
export interface NotificationEvent {
  /** `evt-…`; a delivery that is repeated has the same one. */
  readonly id: string
  readonly type: EventType | 'webhook.test'
  /** In ms since 1970, on the clock of the database. */
  readonly at: number
  readonly data: EventData
}

export type EventData =
  | { readonly kind: 'execution'; readonly execution: ExecutionFacts }
  | { readonly kind: 'instances'; readonly instances: OfflineFacts }
  | { readonly kind: 'assignment'; readonly assignment: HaltedFacts }
  | { readonly kind: 'drift'; readonly drift: DriftFacts }
  | { readonly kind: 'test'; readonly webhook: string }

/** An execution at the time of the event. */
export interface ExecutionFacts {
  readonly id: ExecutionId
  /** Such as `install demo v2`. */
  readonly operation: string
  readonly description: string
  readonly status: ExecutionStatus
  readonly reasonCode: ExecutionReasonCode
  readonly reason: Reason
  readonly startedBy: string
  readonly taskCount: number
  /** The number of tasks in each status. */
  readonly counts: Readonly<Record<TaskStatus, number>>
  /** The batch that ended, and the gate after it as its text; only of events of gates. */
  readonly batch?: number
  readonly gate?: string
}

/** Instances that went offline since the last check. */
export interface OfflineFacts {
  readonly count: number
  /** The first of them. */
  readonly first: readonly { readonly id: InstanceId; readonly name: string; readonly lastSeenAt: number }[]
}

/** Installed extensions that began to drift. */
export interface DriftFacts {
  readonly count: number
  /** The first of them; `since` in ms since 1970. */
  readonly first: readonly {
    readonly id: InstanceId
    readonly name: string
    readonly extension: string
    readonly version: number
    readonly since: number
  }[]
}

/** An assignment that starts nothing further. */
export interface HaltedFacts {
  readonly name: string
  readonly group: string
  readonly extension: string
  readonly reason: Reason
}
