import { checkMove } from '../../core/execution/moves.ts'
import type { OpenInvocation } from '../../protocol/agent-messages.ts'
import type { ReportSource } from '../connection/outbox.ts'
import type { InvocationRun } from './invocation-run.ts'
import { type AgentInvocationState, agentInvocationMoves, type EntryState } from './invocation-state.ts'

/** An invocation that is carried out, and the source of its reports. */
export interface CarriedOut {
  readonly run: InvocationRun
  readonly source: ReportSource
}

/**
 * All that the agent knows of an invocation until it forgets it. Its state moves along
 * `agentInvocationMoves` and in no other way.
 */
export class InvocationRecord {
  readonly id: string
  #state: AgentInvocationState
  /** Absent while it is offered, and for an end that is only reported again. */
  #carriedOut: CarriedOut | undefined
  /** While the offer is being journalled; resolves when it is. */
  accepting: Promise<void> | undefined
  /** A cancel came while it was offered. */
  isCancelledEarly = false
  /** No other invocation may change this extension until everything about this one is on disk. */
  holds: string | undefined

  constructor(id: string, state: EntryState, carriedOut?: CarriedOut) {
    this.id = id
    this.#state = state
    this.#carriedOut = carriedOut
  }

  get state(): AgentInvocationState {
    return this.#state
  }

  get run(): InvocationRun | undefined {
    return this.#carriedOut?.run
  }

  get source(): ReportSource | undefined {
    return this.#carriedOut?.source
  }

  /** @throws Error if the table has no such move, which is a programming error */
  move(to: AgentInvocationState): void {
    checkMove(`invocation ${this.id}`, agentInvocationMoves, this.#state, to)
    this.#state = to
  }

  /** It is on disk, and from now on carried out. */
  moveToJournalled(carriedOut: CarriedOut): void {
    this.move('journalled')
    this.#carriedOut = carriedOut
  }

  /** It has not begun and waits for a turn. */
  get isWaiting(): boolean {
    return this.#state === 'waiting' && this.run !== undefined && !this.run.hasBegun && !this.run.entry.state.end
  }

  /** It has requested a reboot and waits for scripts of others to end. */
  get isWaitingToReboot(): boolean {
    return this.#state === 'rebooting' && this.run?.isWaitingToReboot === true
  }

  /** What hello says about it; undefined while it is not journalled. */
  get open(): OpenInvocation | undefined {
    if (this.#state === 'offered' || this.#state === 'forgotten') return undefined
    if (this.isWaiting) return { id: this.id, state: 'waiting' }
    return { id: this.id, state: this.run?.state ?? 'ended' }
  }
}
