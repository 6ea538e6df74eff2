import Badge from '@cloudscape-design/components/badge'
import Link from '@cloudscape-design/components/link'
import { useTexts } from '../../../i18n/language.tsx'

/** Limit per table row; the instance page shows all. */
const maxShown = 3

/** The first items and the number of further ones. */
export function InstancesBadges({
  instanceId,
  badges,
}: {
  readonly instanceId: string
  readonly badges: readonly {
    readonly text: string
    readonly color: 'red' | 'severity-medium' | 'blue' | 'grey'
    readonly title?: string | undefined
  }[]
}) {
  const { instances } = useTexts()
  const more = badges.slice(maxShown)
  return (
    <div className="instances-badges">
      {badges.slice(0, maxShown).map(({ text, color, title }) => (
        <span key={text} className="instances-badge" title={title}>
          <Badge color={color}>{text}</Badge>
        </span>
      ))}
      {more.length > 0 && (
        <span title={more.map(({ text }) => text).join(', ')}>
          <Link
            href={`/instances/${encodeURIComponent(instanceId)}`}
            ariaLabel={instances.moreOf(more.map(({ text }) => text))}
          >
            {instances.more(more.length)}
          </Link>
        </span>
      )}
    </div>
  )
}
