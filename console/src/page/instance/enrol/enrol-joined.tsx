import Link from '@cloudscape-design/components/link'
import LiveRegion from '@cloudscape-design/components/live-region'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Spinner from '@cloudscape-design/components/spinner'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { ProblemAlert } from '../../../app/problem-alert.tsx'
import { useQuery } from '../../../data/use-query.ts'
import { useTexts } from '../../../i18n/language.tsx'

/** Number of instances shown; the list page has all. */
const maxShown = 20

/** Instances that joined with a token. `tokenId` is not secret: it is the key of the query. */
export function EnrolJoined({ tokenId, since }: { readonly tokenId: string; readonly since: string }) {
  const { enrolling: texts } = useTexts().instances
  const newest = useQuery(`instances/joined?${tokenId}`, (client) =>
    client.instances.list({ sort: '-enrolled', maxResults: maxShown }),
  )
  const joined = (newest.data?.items ?? []).filter(({ enrolledAt }) => enrolledAt >= since)
  return (
    <SpaceBetween size="xs">
      <ProblemAlert error={newest.error} onRetry={newest.refresh} />
      <LiveRegion>
        {joined.length === 0 ? (
          <>
            <Spinner /> {texts.waiting}
          </>
        ) : (
          <StatusIndicator type="success">
            {joined.length < maxShown ? texts.joined(joined.length) : texts.joinedMany(joined.length)}
          </StatusIndicator>
        )}
      </LiveRegion>
      {joined.length > 0 && (
        <ul aria-label={texts.joinedList} className="instances-joined">
          {joined.map(({ id, name }) => (
            <li key={id}>
              <Link href={`/instances/${encodeURIComponent(id)}`}>{name}</Link>
            </li>
          ))}
        </ul>
      )}
    </SpaceBetween>
  )
}
