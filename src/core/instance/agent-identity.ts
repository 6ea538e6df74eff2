/**
 * Identifies a machine by hashes that are computed on it: the values themselves are not sent.
 * Absent: could not be read.
 */
export interface Fingerprint {
  /** Created at first boot (machine-id(5)); equal on disks that were cloned after that. */
  readonly machineId?: string | undefined
  /** Set by the firmware or the hypervisor; only root can read it. */
  readonly productUuid?: string | undefined
}

/** The parts of a fingerprint, all of which are compared. */
export const fingerprintParts = ['machineId', 'productUuid'] as const satisfies readonly (keyof Fingerprint)[]

/**
 * Whether an instance participates. `pending`: an operator has not approved it yet. `quarantined`:
 * its identity seems to be used twice; it gets no work until an operator decides.
 */
export const admissions = ['admitted', 'pending', 'quarantined'] as const
export type Admission = (typeof admissions)[number]

/** Of instances with the same name, those that are or were approved; all of them if none is. */
export function preferApproved<I extends { readonly admission: Admission }>(namesakes: readonly I[]): readonly I[] {
  const approved = namesakes.filter(({ admission }) => admission !== 'pending')
  return approved.length > 0 ? approved : namesakes
}

/** The server's knowledge of an instance's identity besides its key. */
export interface KnownIdentity {
  readonly admission: Admission
  /** Absent: no agent has sent one yet. */
  readonly fingerprint: Fingerprint | undefined
  /**
   * Of the machine that was refused last; after an operator has released the instance it may
   * replace `fingerprint`.
   */
  readonly otherFingerprint: Fingerprint | undefined
  /** Ids of agent processes that connected, latest first. Each process chooses a random one. */
  readonly runs: readonly string[]
}

/** The identity that an agent sends with its hello, after it has proved a key. */
export interface ClaimedIdentity {
  /** Absent: an agent of protocol version 2 or older, which cannot send one. */
  readonly fingerprint: Fingerprint | undefined
  readonly run: string | undefined
  /** It has proved the key that a renewal replaced, not the current one. */
  readonly hasOldKey: boolean
}

/** Reasons to suspect that an identity is used twice: codes of `AdmissionReasonArguments`. */
export const suspicions = ['KeyReplaced', 'FingerprintMissing', 'FingerprintChanged', 'ConnectedTwice'] as const
export type Suspicion = (typeof suspicions)[number]

/** The decision about an agent that connects. */
export interface IdentityVerdict {
  readonly suspicion?: Suspicion
  /** Whether the agent may connect. A suspicious one that may gets no work. */
  readonly mayConnect: boolean
  /** The fingerprint to store, if it changes. */
  readonly fingerprint?: Fingerprint
  /**
   * An operator has released the machine with the replaced key: it becomes the instance's key
   * again.
   */
  readonly restoresOldKey?: true
}

/**
 * Judges an agent that connects with the key of an instance:
 *
 *   1. An agent with the replaced key, or with a fingerprint that differs or lacks a known part, is
 *      on another machine: it is refused and suspicious. An agent that is too old to send a
 *      fingerprint cannot be compared and is accepted.
 *   2. A part of the fingerprint that was unknown is added; one that an operator has released
 *      replaces the old one.
 *   3. A process that connected, was followed by another one and now returns shows that two
 *      processes run. Either may be the right one: both may connect.
 */
export function judgeIdentity(known: KnownIdentity, claimed: ClaimedIdentity): IdentityVerdict {
  const sent = claimed.fingerprint ?? {}
  if (isReleased(known, sent))
    return { mayConnect: true, fingerprint: sent, ...(claimed.hasOldKey && { restoresOldKey: true }) }
  if (claimed.hasOldKey) return { suspicion: 'KeyReplaced', mayConnect: false }
  const judged = judgeFingerprint(known.fingerprint, claimed.fingerprint)
  if (!judged.mayConnect) return judged
  const { run = '' } = claimed
  const [current, ...earlier] = known.runs
  // Agents that are too old to send a process id have none in common.
  return run !== '' && run !== current && earlier.includes(run) ? { ...judged, suspicion: 'ConnectedTwice' } : judged
}

/** The machine that was refused last, after an operator has released the instance. */
const isReleased = ({ admission, otherFingerprint: released }: KnownIdentity, sent: Fingerprint) =>
  admission === 'admitted' && released !== undefined && fingerprintParts.every((part) => released[part] === sent[part])

function judgeFingerprint(known: Fingerprint | undefined, sent: Fingerprint | undefined): IdentityVerdict {
  if (sent === undefined) return { mayConnect: true }
  if (known === undefined) return { mayConnect: true, fingerprint: sent }
  const differs = fingerprintParts.some(
    (part) => known[part] !== undefined && sent[part] !== undefined && known[part] !== sent[part],
  )
  if (differs) return { suspicion: 'FingerprintChanged', mayConnect: false }
  const lacks = fingerprintParts.some((part) => known[part] !== undefined && sent[part] === undefined)
  if (lacks) return { suspicion: 'FingerprintMissing', mayConnect: false }
  const adds = fingerprintParts.some((part) => known[part] === undefined && sent[part] !== undefined)
  return adds ? { mayConnect: true, fingerprint: sent } : { mayConnect: true }
}
