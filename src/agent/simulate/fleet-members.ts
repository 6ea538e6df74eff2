import type { WireFacts } from '../facts/fit-facts.ts'
import type { Worker } from '../invocation/worker.ts'

/**
 * The parts of a simulated fleet's instances, beside their connections. Two implementations:
 * simulated-members.ts and real-members.ts.
 */
export interface FleetMembers {
  /** For the instance `ordinal`, from 0. */
  facts(ordinal: number, name: string): WireFacts
  /** The caller closes it. */
  createWorker(ordinal: number, instanceId: string): Promise<Worker>
  /** After the workers are closed. Resolves with a summary for the log. */
  close(): Promise<Readonly<Record<string, number>>>
}
