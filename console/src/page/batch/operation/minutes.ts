import {
  maxAgentConnectTimeoutMs,
  maxRebootTimeoutMs,
  minAgentConnectTimeoutMs,
  minRebootTimeoutMs,
} from '../../../../../src/core/limits.ts'

const minuteMs = 60_000

/** Time limits of the batch page, as the server accepts them, in milliseconds. */
export const timeLimits = {
  reboot: { minMs: minRebootTimeoutMs, maxMs: maxRebootTimeoutMs },
  connect: { minMs: minAgentConnectTimeoutMs, maxMs: maxAgentConnectTimeoutMs },
} as const

/**
 * A time limit in milliseconds, from its text in minutes, such as `20` or `1.5`. Undefined: empty,
 * the default of the server; null: not a time that the server accepts.
 */
export function parseMinutes(limit: keyof typeof timeLimits, text: string): number | undefined | null {
  const minutes = text.trim()
  if (minutes === '') return undefined
  if (!/^\d+(\.\d+)?$/.test(minutes)) return null
  const timeoutMs = Math.round(Number(minutes) * minuteMs)
  const { minMs, maxMs } = timeLimits[limit]
  return timeoutMs >= minMs && timeoutMs <= maxMs ? timeoutMs : null
}

/** The text of such a time limit. */
export const renderMinutes = (timeoutMs: number | undefined): string =>
  timeoutMs === undefined ? '' : String(timeoutMs / minuteMs)
