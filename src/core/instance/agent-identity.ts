/** What tells one machine from another, hashed on the machine: the values themselves stay there. Absent = could not be read. */
export interface Fingerprint {
  /** Made at first boot (machine-id(5)); the same on a disk that was cloned after that. */
  readonly machineId?: string | undefined
  /** Given by the firmware or the hypervisor; readable by root only. */
  readonly productUuid?: string | undefined
}

export const fingerprintParts = ['machineId', 'productUuid'] as const satisfies readonly (keyof Fingerprint)[]

/**
 * Whether an instance takes part. `pending`: an operator has not approved it yet. `quarantined`: its identity seems to be in use twice;
 * it is handed no work until an operator decides.
 */
export const admissions = ['admitted', 'pending', 'quarantined'] as const
export type Admission = (typeof admissions)[number]

/** Those of instances with one name that take part or did; all of them if every one waits for approval. */
export function preferApproved<I extends { readonly admission: Admission }>(namesakes: readonly I[]): readonly I[] {
  const approved = namesakes.filter(({ admission }) => admission !== 'pending')
  return approved.length > 0 ? approved : namesakes
}

/** What the server knows of who an instance is, beside its key. */
export interface KnownIdentity {
  readonly admission: Admission
  /** Absent = no agent has sent one yet. */
  readonly fingerprint: Fingerprint | undefined
  /** Of the machine that was refused last; after an operator has released the instance it may take the place of `fingerprint`. */
  readonly otherFingerprint: Fingerprint | undefined
  /** Runs of agent processes that connected, the latest first. A run is a random value of one process. */
  readonly runs: readonly string[]
}

/** What an agent says of itself at hello, after it has proved a key. */
export interface ClaimedIdentity {
  /** Absent: an agent of protocol version 2 or older, which cannot say it. */
  readonly fingerprint: Fingerprint | undefined
  readonly run: string | undefined
  /** It has proved the key that a renewal replaced, not the current one. */
  readonly hasOldKey: boolean
}

export const suspicions = ['KeyReplaced', 'FingerprintMissing', 'FingerprintChanged', 'ConnectedTwice'] as const
export type Suspicion = (typeof suspicions)[number]

export interface IdentityVerdict {
  readonly suspicion?: Suspicion
  /** Whether the agent may connect. A suspect that may is handed no work. */
  readonly mayConnect: boolean
  /** The fingerprint to keep, if it is another one than before. */
  readonly fingerprint?: Fingerprint
  /** An operator has released the machine that has the replaced key: it is the key of the instance again. */
  readonly restoresOldKey?: true
}

/** What is shown to operators and written to the audit log; `why` of the instance. */
export const suspicionReasons: Readonly<Record<Suspicion, string>> = {
  KeyReplaced:
    'An agent connected with a key that had been replaced: a copy of the state directory, or a machine that was set back to an earlier state.',
  FingerprintMissing:
    'An agent connected without a part of the fingerprint of the machine that enrolled: a copy of the state directory, or an agent that runs as another user.',
  FingerprintChanged:
    'An agent connected from a machine with another fingerprint: a copy of the disk or the state directory, or a machine whose hardware was changed.',
  ConnectedTwice:
    'Two agents connect with the identity of this instance in turns: its state directory was copied, or the machine was set back to an earlier state while it ran.',
}

/**
 * Judges who connects with the key of an instance:
 *
 *   1. The key that was replaced, or a fingerprint that differs or lacks a known part, is another machine: refused, and a suspicion.
 *      An agent that is too old to say one is not: it cannot be compared.
 *   2. A fingerprint with a part that was not known adds it; the one an operator has released takes the place of the old one.
 *   3. A run that connected, was followed by another one and now returns: two processes live. Either may be the right one: both may connect.
 */
export function judgeIdentity(known: KnownIdentity, claimed: ClaimedIdentity): IdentityVerdict {
  const said = claimed.fingerprint ?? {}
  if (isReleased(known, said))
    return { mayConnect: true, fingerprint: said, ...(claimed.hasOldKey && { restoresOldKey: true }) }
  if (claimed.hasOldKey) return { suspicion: 'KeyReplaced', mayConnect: false }
  const judged = judgeFingerprint(known.fingerprint, claimed.fingerprint)
  if (!judged.mayConnect) return judged
  const { run = '' } = claimed
  const [current, ...earlier] = known.runs
  // Agents that are too old to name a run have none in common.
  return run !== '' && run !== current && earlier.includes(run) ? { ...judged, suspicion: 'ConnectedTwice' } : judged
}

/** The machine that was refused last, after an operator has released the instance. */
const isReleased = ({ admission, otherFingerprint: released }: KnownIdentity, said: Fingerprint) =>
  admission === 'admitted' && released !== undefined && fingerprintParts.every((part) => released[part] === said[part])

function judgeFingerprint(known: Fingerprint | undefined, said: Fingerprint | undefined): IdentityVerdict {
  if (said === undefined) return { mayConnect: true }
  if (known === undefined) return { mayConnect: true, fingerprint: said }
  const differs = fingerprintParts.some(
    (part) => known[part] !== undefined && said[part] !== undefined && known[part] !== said[part],
  )
  if (differs) return { suspicion: 'FingerprintChanged', mayConnect: false }
  const lacks = fingerprintParts.some((part) => known[part] !== undefined && said[part] === undefined)
  if (lacks) return { suspicion: 'FingerprintMissing', mayConnect: false }
  const adds = fingerprintParts.some((part) => known[part] === undefined && said[part] !== undefined)
  return adds ? { mayConnect: true, fingerprint: said } : { mayConnect: true }
}
