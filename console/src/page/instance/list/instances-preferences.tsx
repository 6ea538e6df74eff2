import CollectionPreferences from '@cloudscape-design/components/collection-preferences'
import { useTexts } from '../../../i18n/language.tsx'
import { columnIds, pageSizes, readTableChoices, type TableChoices } from './table-choices.ts'

export function InstancesPreferences({
  choices,
  onChange,
}: {
  readonly choices: TableChoices
  readonly onChange: (choices: TableChoices) => void
}) {
  const { preferences: texts, column } = useTexts().instances
  const { columns, ...others } = choices
  return (
    <CollectionPreferences
      title={texts.title}
      preferences={{ ...others, contentDisplay: columns }}
      onConfirm={({ detail: { contentDisplay, ...chosen } }) =>
        onChange(readTableChoices(JSON.stringify({ ...chosen, columns: contentDisplay })))
      }
      pageSizePreference={{
        title: texts.pageSize,
        options: pageSizes.map((value) => ({ value, label: texts.rows(value) })),
      }}
      wrapLinesPreference={{ label: texts.wrap, description: texts.wrapDetail }}
      contentDensityPreference={{ label: texts.dense, description: texts.denseDetail }}
      contentDisplayPreference={{
        title: texts.columns,
        description: texts.columnsDetail,
        options: columnIds.map((id) => ({ id, label: column[id], alwaysVisible: id === 'name' })),
      }}
    />
  )
}
