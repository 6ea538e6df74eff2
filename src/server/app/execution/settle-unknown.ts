import type { InstanceId, InvocationId } from '../../../core/id.ts'
import { makeReason, type Reason } from '../../../core/reason/reason.ts'
import type { Connection } from '../../../store/database/database.ts'
import { listUnknownToAgents, type UnknownToAgent } from '../../../store/report/known-invocations.ts'
import type { EndReport } from '../agent/report.ts'

interface SettledUnknown {
  /** How open invocations end. */
  readonly ends: EndReport[]
  /** Notes on invocations that had been given up. */
  readonly notes: (UnknownToAgent & { readonly note: Reason })[]
  /** No further report is expected of these. */
  readonly disowned: InvocationId[]
}

/** Decides about invocations of which their agents have no record. The caller holds the locks. */
export async function settleUnknown(
  connection: Connection,
  subjects: readonly { readonly id: InvocationId; readonly instanceId: InstanceId }[],
): Promise<SettledUnknown> {
  const settled: SettledUnknown = { ends: [], notes: [], disowned: [] }
  if (subjects.length === 0) return settled
  for (const one of await listUnknownToAgents(connection, subjects)) {
    switch (one.state) {
      case 'sent':
        // Without a cancel it is handed out again.
        if (one.cancelRequested) settled.ends.push(makeEnd(one, neverReceived))
        break
      case 'accepted':
      case 'waiting':
      case 'downloading':
      case 'running':
      case 'verifying':
      case 'rebooting':
        settled.ends.push(makeEnd(one, forgotten))
        settled.disowned.push(one.id)
        break
      case 'lost':
        settled.notes.push({ ...one, note: one.wasAccepted ? backWithoutRecord : backAndNeverReceived })
        settled.disowned.push(one.id)
        break
      // It was never handed out, or has ended.
      case 'queued':
      case 'withdrawn':
      case 'succeeded':
      case 'failed':
      case 'timedOut':
      case 'cancelled':
        break
    }
  }
  return settled
}

const backWithoutRecord = makeReason('BackWithoutRecord')
const backAndNeverReceived = makeReason('BackAndNeverReceived')

const neverReceived = {
  state: 'cancelled',
  reasonCode: 'CancelledByUser',
  reason: makeReason('CancelledBeforeDelivery'),
} as const

const forgotten = {
  state: 'lost',
  reasonCode: 'Lost',
  reason: backWithoutRecord,
} as const

const makeEnd = (
  { id: invocationId, instanceId }: UnknownToAgent,
  outcome: typeof neverReceived | typeof forgotten,
): EndReport => ({ kind: 'end', instanceId, invocationId, outcome, stdoutBytes: 0, stderrBytes: 0, cutBytes: 0 })
