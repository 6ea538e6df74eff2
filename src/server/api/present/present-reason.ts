import type { z } from 'zod'
import { renderEnglishReason } from '../../../core/reason/english-reasons.ts'
import { type ReasonColumns, readReason } from '../../../core/reason/read-reason.ts'
import type { Reason } from '../../../core/reason/reason.ts'
import type { reasonMessagesSchema } from '../../../protocol/api/reasons.ts'

/** A reason in English, and as messages for a reader in another language. */
export const presentReason = (reason: Reason) => ({
  reason: renderEnglishReason(reason),
  ...(reason.length === 0
    ? {}
    : { reasonMessages: reason.map(presentMessage) as z.input<typeof reasonMessagesSchema> }),
})

const presentMessage = ({ code, arguments: values }: Reason[number]) => ({ code, arguments: { ...values } })

export const presentReasonOfRow = (row: ReasonColumns) => presentReason(readReason(row))
