import { useFormat } from '../../i18n/language.tsx'
import { useNow } from './use-now.ts'

/** Time from start to end, or a running clock. */
export function ElapsedTime({
  startedAt,
  endedAt,
}: {
  readonly startedAt: string | undefined
  readonly endedAt: string | undefined
}) {
  const format = useFormat()
  const now = useNow(startedAt !== undefined && endedAt === undefined)
  if (startedAt === undefined) return null
  const durationMs = Math.max(0, (endedAt === undefined ? now : Date.parse(endedAt)) - Date.parse(startedAt))
  // Fractions of a second would only flicker while the clock runs.
  return <>{format.duration(endedAt === undefined ? Math.floor(durationMs / 1_000) * 1_000 : durationMs)}</>
}
