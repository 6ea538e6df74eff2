/** A position in the chain of audit log entries: the entries up to it, and the hash of the last. */
export interface ChainPlace {
  /** 0: before the first entry. */
  readonly seq: number
  /** 64 hex digits; empty before the first entry. */
  readonly hash: string
}

/** An entry of the chain, as it is stored and as it should be. */
export interface ChainedEntry extends ChainPlace {
  readonly id: number
  /** The hash of its content and of the hash before it. */
  readonly computed: string
}

/** The first place where a chain is broken. */
export interface ChainFault {
  /** `changed`: the entry or the one before it; `removed`: entries are missing from `seq` on. */
  readonly kind: 'changed' | 'removed' | 'inserted'
  readonly seq: number
  /** The entry at the fault; absent if it is missing. */
  readonly id?: number
}

/** Whether an entry follows the previous place. Undefined: it does. */
export function checkChainEntry(
  previous: ChainPlace,
  { seq, id, hash, computed }: ChainedEntry,
): ChainFault | undefined {
  if (seq <= previous.seq) return { kind: 'inserted', seq, id }
  if (seq > previous.seq + 1) return { kind: 'removed', seq: previous.seq + 1 }
  return hash === computed ? undefined : { kind: 'changed', seq, id }
}

/** Whether the entries that were read end where the chain ends. */
export function checkChainEnd(read: ChainPlace, end: ChainPlace): ChainFault | undefined {
  if (read.seq < end.seq) return { kind: 'removed', seq: read.seq + 1 }
  return read.seq === end.seq && read.hash !== end.hash ? { kind: 'changed', seq: read.seq } : undefined
}
