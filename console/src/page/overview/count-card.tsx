import Box from '@cloudscape-design/components/box'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import Link from '@cloudscape-design/components/link'
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator'
import type { ReactNode } from 'react'
import { useFormat } from '../../i18n/language.tsx'

export interface Count {
  readonly label: string
  readonly value: number
  /** Link to the counted items. */
  readonly href: string
  /** Severity if the count is not zero. */
  readonly type: StatusIndicatorProps.Type
}

/** Counts with links. */
export function CountCard({
  title,
  description,
  counts,
  columns,
  minColumnWidth,
}: {
  readonly title: string
  readonly description?: ReactNode
  readonly counts: readonly Count[]
  readonly columns: number
  /** Pixels; must fit the longest label. */
  readonly minColumnWidth: number
}) {
  const format = useFormat()
  return (
    <Container
      fitHeight
      header={
        <Header variant="h2" description={description}>
          {title}
        </Header>
      }
    >
      <KeyValuePairs
        columns={columns}
        minColumnWidth={minColumnWidth}
        items={counts.map(({ label, value, href, type }) => ({
          label: value > 0 ? <StatusIndicator type={type}>{label}</StatusIndicator> : label,
          value:
            value > 0 ? (
              <Link variant="awsui-value-large" href={href} ariaLabel={`${label}: ${format.number(value)}`}>
                {format.number(value)}
              </Link>
            ) : (
              <Box variant="awsui-value-large" color="text-body-secondary">
                {format.number(value)}
              </Box>
            ),
        }))}
      />
    </Container>
  )
}
