import type { WireFacts } from '../facts/fit-facts.ts'
import type { Worker } from '../invocation/worker.ts'

/** What the instances of a simulated fleet are made of, beside their connections. There are two: simulated-members.ts and real-members.ts. */
export interface FleetMembers {
  /** Of the instance `ordinal`, from 0. */
  facts(ordinal: number, name: string): WireFacts
  /** Closed by who asked for it. */
  createWorker(ordinal: number, instanceId: string): Promise<Worker>
  /** When the workers are closed. Resolves with what there is to say at the end. */
  close(): Promise<Readonly<Record<string, number>>>
}
