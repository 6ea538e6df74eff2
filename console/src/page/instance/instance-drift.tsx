import Header from '@cloudscape-design/components/header'
import Table, { type TableProps } from '@cloudscape-design/components/table'
import type { InstanceDetailView } from '../../../../src/protocol/api/instances.ts'
import { useFormat, useTexts } from '../../i18n/language.tsx'

type Drift = InstanceDetailView['drift'][number]

/** Drift between the agent's records and the server's; empty if there was none. */
export function InstanceDrift({ drift }: { readonly drift: readonly Drift[] }) {
  const { drift: texts, broken } = useTexts().instances
  const format = useFormat()
  if (drift.length === 0) return null
  const side = (one: Drift['found']) => {
    if (one === undefined) return texts.absent
    return one.status === 'broken' ? broken(one.version) : one.version
  }
  const columns: TableProps.ColumnDefinition<Drift>[] = [
    { id: 'noticed', header: texts.column.noticed, cell: ({ noticedAt }) => format.instant(noticedAt) },
    { id: 'extension', header: texts.column.extension, cell: ({ extension }) => extension, isRowHeader: true },
    { id: 'expected', header: texts.column.expected, cell: ({ expected }) => side(expected) },
    { id: 'found', header: texts.column.found, cell: ({ found }) => side(found) },
    {
      id: 'differs',
      header: texts.column.differs,
      cell: ({ differs }) => differs.map((kind) => texts.kind[kind]).join(texts.separator),
    },
  ]
  return (
    <Table
      header={
        <Header variant="h2" counter={`(${format.number(drift.length)})`} description={texts.description}>
          {texts.title}
        </Header>
      }
      columnDefinitions={columns}
      items={drift}
      ariaLabels={{ tableLabel: texts.title }}
      wrapLines
    />
  )
}
