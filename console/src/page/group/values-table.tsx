import Box from '@cloudscape-design/components/box'
import Header from '@cloudscape-design/components/header'
import Table from '@cloudscape-design/components/table'
import { useState } from 'react'
import type { DeclaredValuesView } from '../../../../src/protocol/api/assignment/values.ts'
import { ConfirmDialog } from '../../app/dialog/confirm-dialog.tsx'
import { PermittedButton } from '../../app/permitted-button.tsx'
import { useQuery } from '../../data/use-query.ts'
import { useTexts } from '../../i18n/language.tsx'
import { Buttons } from '../access/buttons.tsx'
import { SetValue } from './set-value.tsx'

/** The declared parameter values: those of a group, or all. */
export function ValuesTable({ group }: { readonly group: string | undefined }) {
  const { assignments, data } = useTexts()
  const { values: texts, selection, select } = assignments
  const { column } = texts
  const [chosen, setChosen] = useState('')
  const [asked, setAsked] = useState<'set' | 'remove'>()
  const query = useQuery('executions/values', (client) => client.values.list())
  const all: readonly DeclaredValuesView[] = query.data?.items ?? []
  const items = group === undefined ? all : all.filter(({ scope, subject }) => scope === 'group' && subject === group)
  const selected = items.find((item) => keyOf(item) === chosen)
  if (query.error) return undefined
  const actions = (
    <Buttons>
      <PermittedButton
        permission={selected && { action: 'oos:DeclareValues', resource: `value/${selected.extension}` }}
        disabled={!selected}
        onClick={() => setAsked('remove')}
      >
        {texts.remove}
      </PermittedButton>
      <PermittedButton
        permission={{ action: 'oos:DeclareValues', resource: 'value/*' }}
        onClick={() => setAsked('set')}
      >
        {texts.set}
      </PermittedButton>
    </Buttons>
  )
  return (
    <>
      <Table<DeclaredValuesView>
        variant="container"
        trackBy={keyOf}
        wrapLines
        selectionType="single"
        selectedItems={selected ? [selected] : []}
        onSelectionChange={({ detail }) => setChosen(detail.selectedItems[0] ? keyOf(detail.selectedItems[0]) : '')}
        items={items}
        loading={query.isLoading && !query.data}
        loadingText={data.loading}
        ariaLabels={{
          tableLabel: texts.title,
          selectionGroupLabel: selection,
          itemSelectionLabel: (_, item) => select(`${item.extension} ${item.subject}`),
        }}
        columnDefinitions={[
          { id: 'scope', header: column.scope, cell: ({ scope }) => texts.scopes[scope] },
          { id: 'subject', header: column.subject, isRowHeader: true, cell: ({ subject }) => subject },
          { id: 'extension', header: column.extension, cell: ({ extension }) => extension },
          { id: 'values', header: column.values, minWidth: 200, cell: ({ values }) => showValues(values) },
          { id: 'changedBy', header: column.changedBy, cell: ({ updatedBy }) => updatedBy },
        ]}
        header={
          <Header variant="h2" description={texts.intro} counter={query.data && `(${items.length})`} actions={actions}>
            {group === undefined ? texts.title : texts.titleOf(group)}
          </Header>
        }
        empty={
          <Box textAlign="center" padding={{ vertical: 'm' }}>
            <b>{texts.empty}</b>
            <Box color="text-body-secondary">{texts.emptyDetail}</Box>
          </Box>
        }
      />
      {asked === 'set' && <SetValue group={group} onClose={() => setAsked(undefined)} />}
      {asked === 'remove' && selected && (
        <ConfirmDialog
          title={texts.removeTitle(selected.extension, selected.subject)}
          detail={texts.removeDetail}
          submit={texts.remove}
          done={texts.removed(selected.subject)}
          act={(client) =>
            client.values.put(selected.extension, { scope: selected.scope, subject: selected.subject, values: {} })
          }
          refreshes={['executions/values']}
          onClose={() => setAsked(undefined)}
        />
      )}
    </>
  )
}

const keyOf = ({ extension, scope, subject }: DeclaredValuesView) => `${extension} ${scope} ${subject}`

const showValues = (values: DeclaredValuesView['values']) =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(', ')
