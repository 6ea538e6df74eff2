import { useFormat, useTexts } from '../i18n/language.tsx'

/** How long ago, or in how long; the instant itself for whoever points at it. */
export function When({
  at,
  absent,
}: {
  readonly at: string | undefined
  /** What to say of an instant that is not known; a dash if nothing better is known. */
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
