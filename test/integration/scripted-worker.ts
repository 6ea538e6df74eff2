import { ArtifactAddresses } from '../../src/agent/artifact/artifact-addresses.ts'
import type { Worker } from '../../src/agent/invocation/worker.ts'
import type {
  InstalledRecordEntry,
  InvocationMessage,
  OpenInvocation,
  Reconciliation,
  ReportEntry,
} from '../../src/protocol/agent-messages.ts'

/** A worker whose reports the test writes. */
export function makeScriptedWorker() {
  const offered: InvocationMessage[] = []
  const cancelled: string[] = []
  const reconciled: Reconciliation[] = []
  const unsent: ReportEntry[] = []
  const taken: ReportEntry[] = []
  const delivered: ReportEntry[] = []
  const listeners: (() => void)[] = []
  const state = {
    open: [] as OpenInvocation[],
    installed: [] as InstalledRecordEntry[],
    waiting: [] as string[],
    rewinds: 0,
    batchEntries: 256,
    offerFails: false,
  }
  const addresses = new ArtifactAddresses()
  const worker: Worker = {
    offer: async (invocation) => {
      if (state.offerFails) throw new Error('the disk is full')
      offered.push(invocation)
    },
    cancel: (id) => cancelled.push(id),
    open: () => state.open,
    waiting: () => state.waiting,
    addresses,
    installed: () => state.installed,
    reconcile: (reconciliation) => reconciled.push(reconciliation),
    take() {
      const batch = unsent.splice(0, state.batchEntries)
      taken.push(...batch)
      return batch
    },
    acknowledged: (batch) => delivered.push(...taken.splice(0, batch.length)),
    rewind() {
      state.rewinds++
      unsent.unshift(...taken.splice(0))
    },
    onReport: (listener) => listeners.push(listener),
    close: async () => {},
  }
  const report = (...ordinals: number[]) => {
    for (const ordinal of ordinals) {
      unsent.push({ kind: 'state', invocationId: `inv-abc-${ordinal}-1`, at: 0, state: 'running' })
      for (const listener of listeners) listener()
    }
  }
  return { worker, offered, cancelled, reconciled, unsent, delivered, state, report }
}
