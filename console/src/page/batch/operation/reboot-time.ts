import { maxRebootTimeoutMs, minRebootTimeoutMs } from '../../../../../src/core/limits.ts'

const minuteMs = 60_000

/**
 * The time limit of a reboot in milliseconds, from its text in minutes, such as `20` or `1.5`.
 * Undefined: empty, the default of the server; null: not a time that the server accepts.
 */
export function parseRebootMinutes(text: string): number | undefined | null {
  const minutes = text.trim()
  if (minutes === '') return undefined
  if (!/^\d+(\.\d+)?$/.test(minutes)) return null
  const timeoutMs = Math.round(Number(minutes) * minuteMs)
  return timeoutMs >= minRebootTimeoutMs && timeoutMs <= maxRebootTimeoutMs ? timeoutMs : null
}

/** The text of such a time limit. */
export const renderRebootMinutes = (timeoutMs: number | undefined): string =>
  timeoutMs === undefined ? '' : String(timeoutMs / minuteMs)
