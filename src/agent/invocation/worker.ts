import type {
  InstalledRecordEntry,
  InvocationMessage,
  OpenInvocation,
  Reconciliation,
  ReportEntry,
} from '../../protocol/agent-messages.ts'
import type { ArtifactAddresses } from '../artifact/artifact-addresses.ts'
import { ArtifactRefused } from '../artifact/artifact-refused.ts'
import type { DriftWatch } from '../drift/drift-watch.ts'

/**
 * The interface between the connection and the code that runs invocations: it takes offers and
 * returns report entries. Two implementations: the real one (create-worker.ts) and the simulated
 * one. The interface does not expose how state is stored.
 */
export interface Worker {
  /**
   * Journals the invocation (on disk when this resolves) and starts it; a known id never starts
   * again: if it has ended, its end is reported again. Never rejects for problems of the invocation
   * or the disk: those are its outcome.
   */
  offer(invocation: InvocationMessage): Promise<void>
  /**
   * Ends the invocation and its processes; its end reports the cancel. No effect if it is unknown
   * or has ended.
   */
  cancel(invocationId: string): void
  /** Invocations in the journal whose end the server has not acknowledged. */
  open(): OpenInvocation[]
  /** Installed extensions by the agent's own record. */
  installed(): InstalledRecordEntry[]
  /**
   * Applies the server's answer to a hello: stops cancelled invocations, drops those that are over,
   * reports the requested ends again (`unknown` without a record).
   */
  reconcile(reconciliation: Reconciliation): void
  /** Ids of invocations that have not started. */
  waiting(): string[]
  /** Requests for URLs of artifacts; absent if the worker downloads nothing. */
  readonly addresses?: ArtifactAddresses
  /**
   * Takes the next unsent report entries, at most maxBytes of JSON and 256 entries; empty if there
   * are none.
   */
  take(maxBytes: number): ReportEntry[]
  /**
   * All entries up to and including this batch are durable on the server. Expects the array that
   * `take` returned.
   */
  acknowledged(batch: ReportEntry[]): void
  /** The connection was lost: entries without acknowledgement will be taken again. */
  rewind(): void
  /** Absent if the worker does not check installed extensions. */
  readonly drift?: DriftWatch
  /** Called whenever there are entries to take. */
  onReport(listener: () => void): void
  /** Stops supervising; scripts keep running. */
  close(): Promise<void>
}

/**
 * Opens an artifact at `rangeStart` bytes. Rejects with ArtifactRefused if a retry cannot succeed.
 */
export type FetchArtifact = (url: string, rangeStart: number, signal: AbortSignal) => Promise<FetchedArtifact>

export interface FetchedArtifact {
  /**
   * Offset of the body's first byte in the artifact: `rangeStart`, or 0 if the server ignored the
   * range.
   */
  readonly start: number
  readonly body: AsyncIterable<Uint8Array>
}

/** The URL has expired (403): a new one may work. */
export class AddressExpired extends ArtifactRefused {
  override readonly name = 'AddressExpired'
}
