import type { TaskControl } from '../../src/core/execution/control-task.ts'
import type {
  ExecutionReasonCode,
  ExecutionStatus,
  TaskReasonCode,
  TaskStatus,
} from '../../src/core/execution/execution.ts'
import type { InvocationState } from '../../src/core/execution/invocation.ts'
import type { Decision } from '../../src/core/execution/reconcile-execution.ts'
import type { InstanceId, InvocationId } from '../../src/core/id.ts'
import type { ExecutionRow, InvocationRow, TaskRow } from './rows.ts'

export type OperatorControl = 'pause' | 'resume' | 'cancel' | 'complete' | TaskControl

/**
 * Every change of rows, announced after it happened. Its rows keep changing; values that must not
 * are copied.
 */
export type SimEvent =
  | {
      readonly kind: 'taskMoved'
      readonly execution: ExecutionRow
      readonly task: TaskRow
      readonly from: TaskStatus
      readonly to: TaskStatus
      readonly reasonCode: TaskReasonCode
      readonly by: 'dispatcher' | 'agent' | 'operator'
    }
  | {
      readonly kind: 'taskBlocked'
      readonly execution: ExecutionRow
      readonly task: TaskRow
      readonly waitsFor: ExecutionRow
    }
  | {
      readonly kind: 'invocationMoved'
      readonly invocation: InvocationRow
      readonly from: InvocationState | 'none'
      readonly to: InvocationState
    }
  | {
      readonly kind: 'statusSet'
      readonly execution: ExecutionRow
      readonly from: ExecutionStatus
      readonly to: ExecutionStatus
      readonly reasonCode: ExecutionReasonCode
      readonly reason: string
    }
  | {
      readonly kind: 'batchOpened'
      readonly execution: ExecutionRow
      readonly batch: number
      readonly by: 'dispatcher' | 'operator'
    }
  /** A gate after a batch began. */
  | { readonly kind: 'gateBegan'; readonly execution: ExecutionRow; readonly gate: number }
  /** A user decided at a gate; `accepted`: the server counts it. */
  | { readonly kind: 'approved'; readonly execution: ExecutionRow; readonly user: string; readonly accepted: boolean }
  /** A server checked a gate. */
  | { readonly kind: 'gateSeen'; readonly execution: ExecutionRow; readonly holds: boolean }
  /** `part` of several has succeeded; and the next one starts. */
  | {
      readonly kind: 'partDone' | 'partBegun'
      readonly execution: ExecutionRow
      readonly task: TaskRow
      readonly part: number
    }
  | { readonly kind: 'cancelSent'; readonly invocation: InvocationRow }
  /** The dispatcher no longer waits for the agent. */
  | { readonly kind: 'gaveUp'; readonly invocation: InvocationRow }
  /**
   * An agent has received the answer to its hello. `open`: its open invocations; `wanted`: the
   * requested ends.
   */
  | {
      readonly kind: 'welcomed'
      readonly instanceId: InstanceId
      readonly named: readonly InvocationId[]
      readonly open: readonly InvocationId[]
      readonly wanted: readonly InvocationId[]
    }
  | { readonly kind: 'scriptBegun' | 'endAcknowledged'; readonly id: InvocationId }
  /** Of all servers; `gapMs` is known when one is back. */
  | { readonly kind: 'serverLeft' }
  | { readonly kind: 'serverBack'; readonly gapMs: number }
  /**
   * An operator sent a request; without a refusal it succeeded. `question`: what the execution was
   * Waiting for, if it was.
   */
  | {
      readonly kind: 'asked'
      readonly execution: ExecutionRow
      readonly control: OperatorControl
      readonly ordinal?: number
      readonly refusal?: string
      readonly changed: boolean
      readonly waitingFor: ExecutionReasonCode | undefined
    }
  /** The end of a transaction: all rows must be consistent now. */
  | { readonly kind: 'committed' }
  /**
   * Reconciling reached a fixed point (or not: `exhausted`), after so many passes. `secondLook` is
   * the decision about the result.
   */
  | {
      readonly kind: 'settled'
      readonly execution: ExecutionRow
      readonly passes: number
      readonly exhausted: boolean
      readonly wakeAt: number | undefined
      readonly secondLook: Decision
    }

/**
 * For readers; without what only checkers need. Events of one subject and text can be one line with
 * several items.
 */
export interface EventLine {
  readonly subject: string
  readonly item?: string
  readonly text: string
}

export function describeEvent(event: SimEvent): EventLine | undefined {
  switch (event.kind) {
    case 'taskMoved':
      return lineOfTask(event, `${event.from} -> ${event.to} (${event.reasonCode})`)
    case 'taskBlocked':
      return lineOfTask(event, `waits for ${event.waitsFor.id}`)
    case 'invocationMoved':
      return event.from === 'none'
        ? undefined
        : { subject: '', item: event.invocation.id, text: `${event.from} -> ${event.to}` }
    case 'partDone':
      return lineOfTask(event, `part ${event.part + 1} is done`)
    case 'partBegun':
      return lineOfTask(event, `part ${event.part + 1} begins`)
    case 'cancelSent':
      return { subject: '', item: event.invocation.id, text: 'cancel sent' }
    case 'statusSet':
      return { subject: event.execution.id, text: `${event.to} (${event.reasonCode}): ${event.reason}` }
    case 'batchOpened':
      return { subject: event.execution.id, text: `batch ${event.batch} opened by the ${event.by}` }
    case 'gateBegan':
      return { subject: event.execution.id, text: `gate ${event.gate + 1} begins` }
    case 'approved':
      return {
        subject: event.execution.id,
        text: `${event.user} approves: ${event.accepted ? 'accepted' : 'refused'}`,
      }
    case 'gateSeen':
      return { subject: event.execution.id, text: `its gate ${event.holds ? 'holds' : 'does not hold'}` }
    case 'asked': {
      const what = event.ordinal === undefined ? event.control : `${event.control} ${event.ordinal}`
      const answer =
        event.refusal === undefined ? (event.changed ? 'done' : 'nothing to do') : `refused: ${event.refusal}`
      return { subject: event.execution.id, text: `an operator requests ${what}: ${answer}` }
    }
    case 'welcomed':
      return { subject: '', item: event.instanceId, text: 'welcomed' }
    case 'scriptBegun':
      return { subject: '', item: event.id, text: 'begins' }
    case 'serverLeft':
      return { subject: 'servers', text: 'are away' }
    case 'serverBack':
      return { subject: 'servers', text: `are back after ${event.gapMs / 1000} s` }
    case 'gaveUp':
    case 'endAcknowledged':
    case 'committed':
    case 'settled':
      return undefined
  }
}

const lineOfTask = (
  { execution, task }: { readonly execution: ExecutionRow; readonly task: TaskRow },
  text: string,
): EventLine => ({
  subject: `${execution.id} task`,
  item: String(task.ordinal),
  text,
})
