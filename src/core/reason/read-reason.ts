import { makeTextReason, type Reason } from './reason.ts'

/** The column `reason`: the English text of a row of an earlier release, else empty. Opaque: `readReason` reads it. */
export interface EarlierReasonText {
  readonly earlierReasonText: true
}

/** The columns of a reason, of any table that has them. */
export interface ReasonColumns {
  readonly reason: EarlierReasonText | null
  readonly reason_messages: Reason | null
}

/** The reason of a row. A row of an earlier release has only a text, which is shown unchanged. */
export const readReason = ({ reason, reason_messages: messages }: ReasonColumns): Reason =>
  messages ?? makeTextReason((reason as string | null) ?? '')
