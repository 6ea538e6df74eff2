import type {
  InstalledRecordEntry,
  InvocationMessage,
  OpenInvocation,
  Reconciliation,
  ReportEntry,
} from '../../protocol/agent-messages.ts'
import type { ArtifactAddresses } from '../artifact/artifact-addresses.ts'
import { ArtifactRefused } from '../artifact/artifact-refused.ts'

/**
 * What carries invocations out, seen from the connection: it is offered invocations and gives report entries.
 * There are two, the real one (create-worker.ts) and the simulated one. Nothing here tells how state is kept.
 */
export interface Worker {
  /**
   * Journals (on disk when it resolves) and begins; an id that is known already is never begun again: one that has ended
   * has its end reported again. Never rejects for what is wrong with the invocation or the disk: that is its outcome.
   */
  offer(invocation: InvocationMessage): Promise<void>
  /** Ends the invocation and its processes; the end says so. Nothing happens if it is unknown or has ended. */
  cancel(invocationId: string): void
  /** What is in the journal and whose end the server has not acknowledged. */
  open(): OpenInvocation[]
  /** What the instance has by its own record. */
  installed(): InstalledRecordEntry[]
  /**
   * What the server answered to a hello: stops what is cancelled, does not begin what is over, reports the ends that are wanted again
   * (`unknown` where there is no record of one).
   */
  reconcile(reconciliation: Reconciliation): void
  /** Ids of what has not begun and waits for a turn. */
  waiting(): string[]
  /** Questions for addresses of artifacts; absent where nothing is downloaded. */
  readonly addresses?: ArtifactAddresses
  /** Takes the next unsent report entries, at most maxBytes of JSON and 256 of them; empty if none. */
  take(maxBytes: number): ReportEntry[]
  /** The entries taken earlier up to and including this batch are durable on the server. Takes the very array of `take`. */
  acknowledged(batch: ReportEntry[]): void
  /** The connection was lost: everything taken and not acknowledged is to be taken again. */
  rewind(): void
  /** Called whenever there is something to take. */
  onReport(listener: () => void): void
  /** Stops supervising; scripts live on. */
  close(): Promise<void>
}

/** Opens an artifact at `rangeStart` bytes. Rejects with ArtifactRefused if asking again cannot help. */
export type FetchArtifact = (url: string, rangeStart: number, signal: AbortSignal) => Promise<FetchedArtifact>

export interface FetchedArtifact {
  /** Place of the first byte of `body` in the artifact: `rangeStart`, or 0 if the server did not honour the range. */
  readonly start: number
  readonly body: AsyncIterable<Uint8Array>
}

/** The address is not good any more (403): a fresh one may be. */
export class AddressExpired extends ArtifactRefused {
  override readonly name = 'AddressExpired'
}
