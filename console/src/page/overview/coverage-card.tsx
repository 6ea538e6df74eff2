import Box from '@cloudscape-design/components/box'
import Header from '@cloudscape-design/components/header'
import Link from '@cloudscape-design/components/link'
import ProgressBar from '@cloudscape-design/components/progress-bar'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Table from '@cloudscape-design/components/table'
import { useFormat, useTexts } from '../../i18n/language.tsx'
import { type CoverageRow, listCoverageRows } from './coverage-rows.ts'
import type { OverviewData } from './overview.ts'

/** Coverage and versions of each extension. */
export function CoverageCard({
  coverage,
  instanceCount,
}: {
  readonly coverage: OverviewData['extensions']
  readonly instanceCount: number
}) {
  const { overview } = useTexts()
  const { coverage: texts } = overview
  return (
    <Table
      items={listCoverageRows(coverage, instanceCount)}
      trackBy="extension"
      wrapLines
      header={
        <Header variant="h2" actions={<Link href="/extensions">{texts.all}</Link>}>
          {texts.title}
        </Header>
      }
      columnDefinitions={[
        {
          id: 'extension',
          header: texts.extension,
          minWidth: 130,
          isRowHeader: true,
          cell: ({ extension }) => <Link href={`/extensions/${extension}`}>{extension}</Link>,
        },
        { id: 'share', header: texts.installedOn, minWidth: 170, cell: (row) => <Share row={row} /> },
        { id: 'versions', header: texts.versions, minWidth: 150, cell: (row) => <Versions row={row} /> },
      ]}
      empty={<Box color="text-body-secondary">{texts.empty}</Box>}
    />
  )
}

function Share({ row: { share, count, extension } }: { readonly row: CoverageRow }) {
  const { overview } = useTexts()
  const format = useFormat()
  return (
    <ProgressBar
      value={share * 100}
      ariaLabel={`${extension}: ${overview.coverage.share(format.percent(share))}`}
      additionalInfo={overview.coverage.count(count)}
    />
  )
}

function Versions({ row: { versions, broken } }: { readonly row: CoverageRow }) {
  const { overview } = useTexts()
  const format = useFormat()
  const { coverage } = overview
  return (
    <>
      {versions.map(({ version, count }) => (
        <div key={version}>{coverage.version(version, count)}</div>
      ))}
      {broken > 0 && (
        <StatusIndicator type="error">
          {coverage.broken}: {format.number(broken)}
        </StatusIndicator>
      )}
    </>
  )
}
