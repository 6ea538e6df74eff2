import type { InvocationOutcome } from '../../core/execution/invocation.ts'
import { maxReasonLength } from '../../core/limits.ts'
import { renderEnglishReason } from '../../core/reason/english-reasons.ts'
import { cutText } from '../../lib/cut-text.ts'
import type { ReportEntry } from '../../protocol/agent-messages.ts'

type SentOutcome = Extract<ReportEntry, { kind: 'end' }>['outcome']

/** An outcome as it is reported: with its reason in English, for servers of earlier releases, and as messages. */
export const sendOutcome = ({ reason, ...outcome }: InvocationOutcome): SentOutcome => ({
  ...outcome,
  reason: cut(renderEnglishReason(reason), maxReasonLength),
  ...(reason.length === 0 ? {} : { reasonMessages: [...reason] }),
})

const cut = (text: string, length: number) => (text.length > length ? `${cutText(text, length - 1)}…` : text)
