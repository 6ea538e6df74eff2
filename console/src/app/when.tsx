import { useFormat, useTexts } from '../i18n/language.tsx'

/** Relative time; the exact time appears on hover. */
export function When({
  at,
  absent,
}: {
  readonly at: string | undefined
  /** Text for an unknown time; default: a dash. */
  readonly absent?: string
}) {
  const format = useFormat()
  const { data } = useTexts()
  if (at === undefined) return absent ?? data.none
  return (
    <time dateTime={at} title={format.instant(at)}>
      {format.ago(at)}
    </time>
  )
}
