/**
 * The life of an invocation in the agent. Each id has one record (invocation-record.ts) with one of
 * these states.
 *
 *   offered ─► journalled ─► waiting ─┐   ┌► rebooting
 *      │            └─────────────────┴─► running ─► ended ─► reported ─► forgotten
 *      │                                               ▲                      ▲
 *      ├── it ended earlier, or cannot be journalled ──┘                      │
 *      └── the offer failed ──────────────────────────────────────────────────┘
 *
 * offered     the server sent it; nothing is on disk. A cancel takes effect once it is journalled.
 * journalled  on disk: from now on the id is never begun again. A restarted agent continues here.
 * waiting     another one of its extension runs, or as many as the agent runs at once
 * running     the plan (core/install/install-plan.ts) decides each next step. One that was cancelled
 *             before its first script ends here without running any.
 * rebooting   a script requested a reboot, and the machine is about to reboot: when no other script
 *             runs, and until it goes down. After the boot the next agent finds it journalled. If
 *             the reboot fails or is cancelled, it is running again.
 * ended       its end is in the outbox until the server acknowledges it. An end that is only
 *             reported again starts here.
 * reported    the server has the end; the agent writes down what must outlast the record
 * forgotten   only the ended log knows the id. The record is gone.
 */
export const agentInvocationMoves = {
  offered: ['journalled', 'ended', 'forgotten'],
  journalled: ['waiting', 'running'],
  waiting: ['running'],
  running: ['rebooting', 'ended'],
  rebooting: ['running'],
  ended: ['reported'],
  reported: ['forgotten'],
  forgotten: [],
} as const satisfies Record<string, readonly string[]>
export type AgentInvocationState = keyof typeof agentInvocationMoves

/** Initial states: offered by the server, found in the journal, or known by its end alone. */
export type EntryState = Extract<AgentInvocationState, 'offered' | 'journalled' | 'ended'>
