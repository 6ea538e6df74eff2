import { renderEnglishReason } from '../../../core/reason/english-reasons.ts'
import { type ReasonColumns, readReason } from '../../../core/reason/read-reason.ts'

/** Why an execution or a task is in its state, as the OOS API says it: in English. */
export const showReason = (row: ReasonColumns): string => renderEnglishReason(readReason(row))
