import Link from '@cloudscape-design/components/link'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import type { TableProps } from '@cloudscape-design/components/table'
import { type ReactNode, useMemo } from 'react'
import { type InstanceView, instanceSorts } from '../../../../../src/protocol/api/instances.ts'
import { When } from '../../../app/when.tsx'
import { useTexts } from '../../../i18n/language.tsx'
import { nameSystem } from '../name-system.ts'
import { InstancesBadges } from './instances-badges.tsx'
import { InstancesExtensions } from './instances-extensions.tsx'
import { type ColumnId, columnIds } from './table-choices.ts'

/** For a selected instance on another page, only the ID is known. */
export interface InstanceTableRow {
  readonly id: string
  readonly instance?: InstanceView
}

const widths: Readonly<Partial<Record<ColumnId, number>>> = {
  name: 150,
  status: 110,
  os: 210,
  extensions: 220,
  tags: 200,
  id: 170,
}
const usualWidth = 150

export function useInstancesColumns(): TableProps.ColumnDefinition<InstanceTableRow>[] {
  const { data, instances } = useTexts()
  const { column, sorting, status, admission: admissions, now } = instances
  return useMemo(() => {
    const cells: Readonly<Record<ColumnId, (instance: InstanceView) => ReactNode>> = {
      name: ({ id, name }) => <Link href={`/instances/${encodeURIComponent(id)}`}>{name}</Link>,
      id: ({ id }) => id,
      status: ({ admission, status: connection }) =>
        admission === 'admitted' ? (
          <StatusIndicator type={connection === 'online' ? 'success' : 'stopped'}>{status[connection]}</StatusIndicator>
        ) : (
          <StatusIndicator type={admission === 'pending' ? 'pending' : 'error'}>
            {admissions[admission].title}
          </StatusIndicator>
        ),
      os: ({ facts }) => nameSystem(facts.os),
      arch: ({ facts }) => facts.os.arch,
      kernel: ({ facts }) => facts.os.kernel,
      hostName: ({ facts }) => facts.hostName,
      addresses: ({ facts }) => facts.addresses.join(', '),
      region: ({ facts }) => facts.cloud?.region,
      instanceType: ({ facts }) => facts.cloud?.instanceType,
      tags: ({ id, tags }) =>
        Object.keys(tags).length > 0 && (
          <InstancesBadges
            instanceId={id}
            badges={Object.entries(tags).map(([key, value]) => ({
              text: value === '' ? key : `${key}=${value}`,
              color: 'grey',
            }))}
          />
        ),
      group: ({ resourceGroup }) => resourceGroup,
      role: ({ role }) => role,
      extensions: (instance) => <InstancesExtensions instance={instance} />,
      agent: ({ facts }) => facts.agentVersion,
      // A connected agent is seen now; the stored time is that of connecting.
      lastSeen: (instance) => (instance.status === 'online' ? now : <When at={instance.lastSeenAt} />),
      enrolled: ({ enrolledAt }) => <When at={enrolledAt} />,
    }
    return columnIds.map((id) => ({
      id,
      header: column[id],
      isRowHeader: id === 'name',
      width: widths[id] ?? usualWidth,
      minWidth: 90,
      ...(instanceSorts.some((sort) => sort === id) && { sortingField: id }),
      ariaLabel: ({ sorted, descending }) => sorting[!sorted ? 'none' : descending ? 'down' : 'up'](column[id]),
      cell: ({ instance }) => (instance && cells[id](instance)) || data.none,
    }))
  }, [column, sorting, status, admissions, now, data])
}
