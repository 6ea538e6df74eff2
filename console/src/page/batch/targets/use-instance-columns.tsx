import Badge from '@cloudscape-design/components/badge'
import Link from '@cloudscape-design/components/link'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import type { TableProps } from '@cloudscape-design/components/table'
import type { InstanceView } from '../../../../../src/protocol/api/instances.ts'
import { useTexts } from '../../../i18n/language.tsx'
import { nameSystem } from '../../instance/name-system.ts'

/** For a selected instance on another page, only the ID is known. */
export interface PickerRow {
  readonly id: string
  readonly instance?: InstanceView
}

export function useInstanceColumns(): TableProps.ColumnDefinition<PickerRow>[] {
  const { data, batch } = useTexts()
  const { columns, status } = batch.targets
  return [
    {
      id: 'name',
      header: columns.name,
      isRowHeader: true,
      cell: ({ id, instance }) => <Link href={`/instances/${id}`}>{instance?.name ?? id}</Link>,
    },
    {
      id: 'status',
      header: columns.status,
      cell: ({ instance }) =>
        instance && (
          <StatusIndicator type={instance.status === 'online' ? 'success' : 'stopped'}>
            {status[instance.status]}
          </StatusIndicator>
        ),
    },
    { id: 'os', header: columns.os, cell: ({ instance }) => instance && (nameSystem(instance.facts.os) || data.none) },
    { id: 'group', header: columns.group, cell: ({ instance }) => instance?.resourceGroup || data.none },
    {
      id: 'tags',
      header: columns.tags,
      cell: ({ instance }) => {
        const tags = Object.entries(instance?.tags ?? {})
        if (tags.length === 0) return data.none
        return (
          <SpaceBetween size="xxs" direction="horizontal">
            {tags.map(([key, value]) => (
              <Badge key={key}>{value === '' ? key : `${key}=${value}`}</Badge>
            ))}
          </SpaceBetween>
        )
      },
    },
    { id: 'id', header: columns.id, cell: ({ id }) => id },
  ]
}
