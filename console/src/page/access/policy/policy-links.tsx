import Link from '@cloudscape-design/components/link'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useTexts } from '../../../i18n/language.tsx'

/** Policy names, each linked to its document. */
export function PolicyLinks({ names }: { readonly names: readonly string[] }) {
  const { data } = useTexts()
  if (names.length === 0) return data.none
  return (
    <SpaceBetween direction="horizontal" size="xs">
      {names.map((name) => (
        <Link key={name} href={`/access?tab=policies&policy=${encodeURIComponent(name)}`}>
          {name}
        </Link>
      ))}
    </SpaceBetween>
  )
}
