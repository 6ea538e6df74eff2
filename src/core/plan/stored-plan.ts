import { makeTextReason, type Reason } from '../reason/reason.ts'
import type { ShownPart, ShownTarget } from './plan-difference.ts'

/** A reason in JSON that the server stores. */
export interface StoredReason {
  /** Of an earlier release: the English text. Otherwise empty, as servers of that release read it. */
  readonly reason: string
  readonly reasonMessages?: Reason
}

/** A target of a stored plan. */
export type StoredTarget = Omit<ShownTarget, 'reason' | 'parts'> &
  StoredReason & { readonly parts?: readonly (Omit<ShownPart, 'reason'> & StoredReason)[] }

/** Prepares a target for JSON. */
export const storeTarget = ({ reason, parts, ...target }: ShownTarget): StoredTarget => ({
  ...target,
  ...storeReason(reason),
  ...(parts && { parts: parts.map(storePart) }),
})

/** The target that was stored, by this release or an earlier one. */
export const readTarget = ({ parts, ...target }: StoredTarget): ShownTarget => ({
  ...readStored(target),
  ...(parts && { parts: parts.map(readStored) }),
})

/** Prepares a part of a plan for JSON. */
export const storePart = <Part extends { readonly reason: Reason }>({ reason, ...part }: Part) => ({
  ...part,
  ...storeReason(reason),
})

/** An object with its reason as messages. */
export const readStored = <Stored extends StoredReason>({ reason, reasonMessages, ...stored }: Stored) => ({
  ...stored,
  reason: reasonMessages ?? makeTextReason(reason),
})

const storeReason = (reason: Reason): StoredReason => ({ reason: '', reasonMessages: reason })
