import type { TaskReasonCode } from '../../../core/execution/execution.ts'
import type { InvocationOutcome, InvocationState } from '../../../core/execution/invocation.ts'
import type { InstanceId, InvocationId } from '../../../core/id.ts'
import type { Reason } from '../../../core/reason/reason.ts'
import type { ScriptRange } from '../../../store/report/invocations.ts'
import type { OutputStream } from '../../../store/report/output-chunks.ts'

/** One report of the connected instance's agent. */
export type Report = { readonly instanceId: InstanceId } & (
  | {
      readonly kind: 'state'
      readonly invocationId: InvocationId
      readonly state: InvocationState
      readonly step: string | undefined
      /** The number of reboots before it; absent: 0. */
      readonly reboots?: number | undefined
    }
  | {
      readonly kind: 'output'
      readonly invocationId: InvocationId
      readonly stream: OutputStream
      readonly offset: number
      readonly at: Date
      readonly data: Buffer
    }
  | {
      readonly kind: 'end'
      readonly invocationId: InvocationId
      /**
       * The server itself sets `lost` and `withdrawn`: the agent has no record of the invocation,
       * or the instance was removed.
       */
      readonly outcome: Omit<InvocationOutcome, 'state' | 'reasonCode' | 'reason'> & {
        readonly state: InvocationOutcome['state'] | 'lost' | 'withdrawn'
        readonly reasonCode: TaskReasonCode
        readonly reason: Reason
      }
      readonly stdoutBytes: number
      readonly stderrBytes: number
      readonly cutBytes: number
      readonly scriptRange?: ScriptRange | undefined
      /**
       * The extension of `outcome.installed`, for an invocation that is not in the database any
       * more.
       */
      readonly extension?: { readonly id: string; readonly name: string } | undefined
    }
  /** The agent has no record of a requested invocation. */
  | { readonly kind: 'unknown'; readonly invocationId: InvocationId }
)

/** The report of an invocation's end. */
export type EndReport = Extract<Report, { kind: 'end' }>
