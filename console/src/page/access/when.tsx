import { useFormat, useTexts } from '../../i18n/language.tsx'

/** How long ago, or in how long; the instant itself for whoever points at it. */
export function When({ at }: { readonly at: string | undefined }) {
  const format = useFormat()
  const { data } = useTexts()
  if (at === undefined) return data.none
  return (
    <time dateTime={at} title={format.instant(at)}>
      {format.ago(at)}
    </time>
  )
}
