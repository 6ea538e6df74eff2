import Box from '@cloudscape-design/components/box'
import Header from '@cloudscape-design/components/header'
import Link from '@cloudscape-design/components/link'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import { useState } from 'react'
import { everyInstance } from '../../../../src/core/instance/group.ts'
import type { GroupView } from '../../../../src/protocol/api/assignment/groups.ts'
import { ConfirmDialog } from '../../app/dialog/confirm-dialog.tsx'
import { startingAny } from '../../app/operation/start-permissions.ts'
import { Page } from '../../app/page.tsx'
import { PermittedButton } from '../../app/permitted-button.tsx'
import { ProblemAlert } from '../../app/problem-alert.tsx'
import { useQuery } from '../../data/use-query.ts'
import { useTexts } from '../../i18n/language.tsx'
import { textParameter, useUrlState } from '../../url/use-url-state.ts'
import { Buttons } from '../access/buttons.tsx'
import { CreateGroup } from './create-group.tsx'
import { ValuesTable } from './values-table.tsx'

const schema = { selected: textParameter() }

/** Groups with the numbers of their instances. */
export function GroupsPage() {
  const { shell, assignments, data } = useTexts()
  const { groups: texts, selection, select } = assignments
  const { column } = texts
  const [{ selected: name }, setUrl] = useUrlState(schema)
  const [asked, setAsked] = useState<'create' | 'delete'>()
  // The key begins with the list whose changes are announced: instances change the counts.
  const query = useQuery('instances/groups', (client) => client.groups.list())
  const items: readonly GroupView[] = query.data?.items ?? []
  const selected = items.find((one) => one.name === name)
  const actions = (
    <Buttons>
      <PermittedButton
        permission={startingAny}
        disabled={!selected}
        {...(selected && { href: `/batch?by=savedGroup&savedGroup=${encodeURIComponent(selected.name)}` })}
      >
        {texts.install}
      </PermittedButton>
      <PermittedButton
        permission={selected && { action: 'oos:DeleteGroup', resource: `group/${selected.name}` }}
        disabled={!selected}
        onClick={() => setAsked('delete')}
      >
        {assignments.delete}
      </PermittedButton>
      <PermittedButton
        variant="primary"
        permission={{ action: 'oos:CreateGroup', resource: 'group/*' }}
        onClick={() => setAsked('create')}
      >
        {texts.create}
      </PermittedButton>
    </Buttons>
  )
  return (
    <Page title={shell.navigation.groups} description={texts.intro}>
      <SpaceBetween size="m">
        <ProblemAlert error={query.error} onRetry={query.refresh} />
        <Table<GroupView>
          variant="container"
          trackBy="name"
          wrapLines
          selectionType="single"
          selectedItems={selected ? [selected] : []}
          onSelectionChange={({ detail }) => setUrl({ selected: detail.selectedItems[0]?.name ?? '' })}
          items={items}
          loading={query.isLoading && !query.data}
          loadingText={data.loading}
          ariaLabels={{
            tableLabel: texts.title,
            selectionGroupLabel: selection,
            itemSelectionLabel: (_, item) => select(item.name),
          }}
          columnDefinitions={[
            { id: 'name', header: column.name, isRowHeader: true, cell: (item) => item.name },
            {
              id: 'instances',
              header: column.instances,
              cell: (item) => <Link href={renderInstancesAddress(item)}>{item.instanceCount}</Link>,
            },
            { id: 'offline', header: column.offline, cell: ({ offlineCount }) => offlineCount },
            { id: 'filter', header: column.filter, minWidth: 200, cell: ({ filter }) => filter },
            { id: 'description', header: column.description, cell: ({ description }) => description },
          ]}
          header={
            <Header variant="h2" counter={query.data && `(${items.length})`} actions={actions}>
              {texts.title}
            </Header>
          }
          empty={
            <Box textAlign="center" padding={{ vertical: 'm' }}>
              <b>{texts.empty}</b>
              <Box color="text-body-secondary">{texts.emptyDetail}</Box>
            </Box>
          }
        />
        <ValuesTable group={selected?.name} />
      </SpaceBetween>
      {asked === 'create' && <CreateGroup onClose={() => setAsked(undefined)} />}
      {asked === 'delete' && selected && (
        <ConfirmDialog
          title={texts.deleteTitle(selected.name)}
          detail={texts.deleteDetail}
          submit={assignments.delete}
          done={texts.deleted(selected.name)}
          act={(client) => client.groups.delete(selected.name)}
          refreshes={['instances/groups']}
          onClose={() => setAsked(undefined)}
        />
      )}
    </Page>
  )
}

/** The page of instances with the conditions of the group. */
const renderInstancesAddress = ({ filter }: GroupView) =>
  filter === everyInstance ? '/instances' : `/instances?filter=${encodeURIComponent(filter)}`
