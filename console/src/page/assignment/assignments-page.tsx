import Box from '@cloudscape-design/components/box'
import Header from '@cloudscape-design/components/header'
import Link from '@cloudscape-design/components/link'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator'
import Table from '@cloudscape-design/components/table'
import type { AssignmentView } from '../../../../src/protocol/api/assignment/assignments.ts'
import { Page } from '../../app/page.tsx'
import { ProblemAlert } from '../../app/problem-alert.tsx'
import { useQuery } from '../../data/use-query.ts'
import { useRefreshEvery } from '../../data/use-refresh-every.ts'
import { useTexts } from '../../i18n/language.tsx'
import { textParameter, useUrlState } from '../../url/use-url-state.ts'
import { AssignmentActions } from './assignment-actions.tsx'
import { AssignmentDifference, DesiredState } from './assignment-row.tsx'

const schema = { selected: textParameter() }
/** Instances that join, and evaluations that start nothing, are announced to no list of executions. */
const refreshPeriodMs = 15_000

const looks: Readonly<Record<AssignmentView['state'], StatusIndicatorProps.Type>> = {
  active: 'success',
  halted: 'stopped',
  blocked: 'error',
}

/** Assignments: desired, actual and difference. */
export function AssignmentsPage() {
  useRefreshEvery('executions/assignments', refreshPeriodMs)
  const { shell, assignments: texts, data } = useTexts()
  const { column } = texts
  const [{ selected: name }, setUrl] = useUrlState(schema)
  // The key begins with the list whose changes are announced: executions change what is as desired.
  const query = useQuery('executions/assignments', (client) => client.assignments.list())
  const items: readonly AssignmentView[] = query.data?.items ?? []
  const selected = items.find((one) => one.name === name)
  return (
    <Page title={shell.navigation.assignments} description={texts.intro}>
      <SpaceBetween size="m">
        <ProblemAlert error={query.error} onRetry={query.refresh} />
        <Table<AssignmentView>
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
            selectionGroupLabel: texts.selection,
            itemSelectionLabel: (_, item) => texts.select(item.name),
          }}
          columnDefinitions={[
            { id: 'name', header: column.name, isRowHeader: true, minWidth: 150, cell: (item) => item.name },
            { id: 'group', header: column.group, cell: (item) => item.group },
            {
              id: 'desired',
              header: column.desired,
              minWidth: 160,
              cell: (item) => <DesiredState assignment={item} />,
            },
            {
              id: 'state',
              header: column.state,
              minWidth: 120,
              cell: ({ state }) => <StatusIndicator type={looks[state]}>{texts.states[state]}</StatusIndicator>,
            },
            {
              id: 'actual',
              header: column.actual,
              cell: ({ outcome }) => (outcome ? texts.actual(outcome.asDesired, outcome.members) : texts.unknown),
            },
            {
              id: 'difference',
              header: column.difference,
              minWidth: 240,
              cell: (item) => <AssignmentDifference assignment={item} />,
            },
            {
              id: 'execution',
              header: column.execution,
              minWidth: 220,
              cell: ({ lastExecutionId: id }) => (id === undefined ? '' : <Link href={`/executions/${id}`}>{id}</Link>),
            },
          ]}
          header={
            <Header
              variant="h2"
              counter={query.data && `(${items.length})`}
              actions={<AssignmentActions assignment={selected} />}
            >
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
      </SpaceBetween>
    </Page>
  )
}
