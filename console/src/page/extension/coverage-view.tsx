import Box from '@cloudscape-design/components/box'
import Link from '@cloudscape-design/components/link'
import ProgressBar from '@cloudscape-design/components/progress-bar'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { renderInstanceFilter } from '../../../../src/core/instance/instance-filter.ts'
import { PageLoading } from '../../app/page-loading.tsx'
import { ProblemAlert } from '../../app/problem-alert.tsx'
import { useQuery } from '../../data/use-query.ts'
import { useTexts } from '../../i18n/language.tsx'

/** Number of instances by version. */
export function CoverageView({ name }: { readonly name: string }) {
  const { extensions } = useTexts()
  const texts = extensions.coverage
  const { data, error, refresh } = useQuery(`extensions/${name}/coverage`, (client) =>
    client.extensions.getCoverage(name),
  )
  if (error) return <ProblemAlert error={error} onRetry={refresh} />
  if (!data) return <PageLoading />
  if (data.versions.length === 0) return <Box color="text-body-secondary">{extensions.nowhere}</Box>
  const linkTo = (property: 'extension' | 'broken', version: string) =>
    `/instances?filter=${encodeURIComponent(
      renderInstanceFilter([{ property, operator: '=', extension: name, version: Number(version.slice(1)) }]),
    )}`
  return (
    <SpaceBetween size="m">
      {data.versions.map(({ version, installed, broken }) => (
        <ProgressBar
          key={version}
          label={version}
          value={data.instances === 0 ? 0 : (100 * installed) / data.instances}
          description={
            <>
              <Link href={linkTo('extension', version)}>{extensions.instances(installed)}</Link>
              {broken > 0 && (
                <>
                  {' · '}
                  <Link href={linkTo('broken', version)}>{texts.broken(broken)}</Link>
                </>
              )}
            </>
          }
          additionalInfo={texts.of(data.instances)}
        />
      ))}
    </SpaceBetween>
  )
}
