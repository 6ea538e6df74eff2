import type { ApprovedKind } from './plan-statement.ts'

/** A key that counts, by its name in the published trust file. */
export interface ApproverKey {
  readonly name: string
  /** Type and base64. */
  readonly publicKey: string
}

/** The approver rule of the published trust file. */
export interface PublishedApprovers {
  readonly keys: readonly ApproverKey[]
  readonly threshold: number
  /** Absent: all. */
  readonly operations?: readonly ApprovedKind[] | undefined
}

/** The signatures that an execution waits for. The server only waits: each instance decides. */
export interface PlanApproval {
  readonly threshold: number
  /** Number of different keys that signed so far. */
  readonly signed: number
  /** In ms since 1970: nothing starts afterwards. */
  readonly expiresAt: number
  /** Absent: any key counts. */
  readonly keys?: readonly ApproverKey[] | undefined
}

/** What a user requests of the signatures. */
export interface ApprovalRequestTerms {
  /** Absent: as many as the published trust file says. */
  readonly signatures?: number | undefined
  /** Absent: the default. */
  readonly validForMs?: number | undefined
}

/**
 * The signatures that an execution needs before it starts anything; undefined: none. A request can
 * ask for more than the published trust file does, not for fewer.
 */
export function decideApprovalTerms(
  kind: ApprovedKind,
  request: ApprovalRequestTerms | undefined,
  published: PublishedApprovers | undefined,
  { now, defaultValidityMs }: { readonly now: number; readonly defaultValidityMs: number },
): PlanApproval | undefined {
  const rule = published && (published.operations ?? [kind]).includes(kind) ? published : undefined
  const threshold = Math.max(request?.signatures ?? 0, rule?.threshold ?? 0)
  if (threshold === 0) return undefined
  return {
    threshold,
    signed: 0,
    expiresAt: now + (request?.validForMs ?? defaultValidityMs),
    ...(rule && { keys: rule.keys }),
  }
}

/** Why a signature is not accepted; undefined: it is. */
export type SigningRefusal = 'NothingToSign' | 'Ended' | 'Expired' | 'NoApprover' | 'SignedAlready'

export function refuseSigning(
  approval: PlanApproval | undefined,
  {
    publicKey,
    earlier,
    hasEnded,
    now,
  }: {
    readonly publicKey: string
    /** Keys that signed before. */
    readonly earlier: readonly string[]
    readonly hasEnded: boolean
    readonly now: number
  },
): SigningRefusal | undefined {
  if (!approval) return 'NothingToSign'
  if (hasEnded) return 'Ended'
  if (now >= approval.expiresAt) return 'Expired'
  if (approval.keys && !approval.keys.some((key) => key.publicKey === publicKey)) return 'NoApprover'
  return earlier.includes(publicKey) ? 'SignedAlready' : undefined
}
