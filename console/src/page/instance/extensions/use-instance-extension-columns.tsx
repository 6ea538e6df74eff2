import Box from '@cloudscape-design/components/box'
import Link from '@cloudscape-design/components/link'
import type { TableProps } from '@cloudscape-design/components/table'
import type { InstanceExtensionView, InstanceHistoryView } from '../../../../../src/protocol/api/instances.ts'
import { When } from '../../../app/when.tsx'
import { useTexts } from '../../../i18n/language.tsx'
import type { RequestedChange } from './instance-change.tsx'
import { InstanceExtensionChanges } from './instance-extension-changes.tsx'
import { InstanceExtensionState } from './instance-extension-state.tsx'

export function useInstanceExtensionColumns(
  instanceId: string,
  work: ReadonlyMap<string, InstanceHistoryView>,
  onRequest: (change: RequestedChange) => void,
): TableProps.ColumnDefinition<InstanceExtensionView>[] {
  const { data, instances } = useTexts()
  const { extensions: texts } = instances
  return [
    {
      id: 'name',
      header: texts.name,
      minWidth: 160,
      isRowHeader: true,
      cell: ({ extension, description }) => (
        <>
          <Link href={`/extensions/${encodeURIComponent(extension)}`}>{extension}</Link>
          {description !== '' && (
            <Box variant="small" display="block">
              {description}
            </Box>
          )}
        </>
      ),
    },
    {
      id: 'state',
      header: texts.state,
      minWidth: 220,
      cell: (row) => <InstanceExtensionState row={row} work={work.get(row.extension)} />,
    },
    { id: 'version', header: texts.version, cell: ({ installed }) => installed?.version ?? data.none },
    { id: 'since', header: texts.since, minWidth: 130, cell: ({ installed }) => <When at={installed?.since} /> },
    {
      id: 'newest',
      header: texts.newest,
      minWidth: 100,
      cell: ({ newest, installed, state }) => (
        <>
          {newest ?? data.none}
          {state === 'installed' && installed?.version === newest && (
            <Box variant="small" display="block">
              {texts.isNewest}
            </Box>
          )}
        </>
      ),
    },
    {
      id: 'actions',
      header: texts.actions,
      minWidth: 170,
      cell: (row) => (
        <InstanceExtensionChanges
          instanceId={instanceId}
          row={row}
          isAtWork={work.has(row.extension)}
          onRequest={onRequest}
        />
      ),
    },
  ]
}
