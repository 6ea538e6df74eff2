import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import type { ExecutionSummary } from '../../../../../src/protocol/api/executions.ts'
import { Page } from '../../../app/page.tsx'
import { ProblemAlert } from '../../../app/problem-alert.tsx'
import { useQuery } from '../../../data/use-query.ts'
import { useTexts } from '../../../i18n/language.tsx'
import { listParameter, numberParameter, textParameter, useUrlState } from '../../../url/use-url-state.ts'
import { toExecutionQuery } from './executions-filter.ts'
import { ExecutionsFilterField } from './executions-filter-field.tsx'
import { useExecutionColumns } from './use-execution-columns.tsx'
import '../executions.css'
import { startingAny } from '../../../app/operation/start-permissions.ts'
import { PermittedButton } from '../../../app/permitted-button.tsx'

const pageSize = 50
/** Maximum number of rows from the server; use the filter to find older ones. */
const maxShown = 1_000

const schema = {
  status: textParameter(),
  extension: textParameter(),
  tags: listParameter(),
  shown: numberParameter(pageSize),
}

export function ExecutionsPage() {
  const { shell, executions } = useTexts()
  const [state, setState] = useUrlState(schema)
  const shown = Math.min(maxShown, Math.max(pageSize, state.shown))
  const request = { ...toExecutionQuery(state), maxResults: shown }
  const query = useQuery(`executions?${JSON.stringify(request)}`, (client) => client.executions.list(request))
  const columns = useExecutionColumns()
  const items: readonly ExecutionSummary[] = query.data?.items ?? []
  const isAll = query.data?.nextToken === undefined
  const start = (
    <PermittedButton permission={startingAny} variant="primary" href="/batch">
      {executions.list.start}
    </PermittedButton>
  )
  return (
    <Page title={shell.navigation.executions} description={executions.list.intro} actions={start}>
      <SpaceBetween size="m">
        <ProblemAlert error={query.error} onRetry={query.refresh} />
        <Table
          variant="container"
          stickyHeader
          trackBy="id"
          resizableColumns
          wrapLines
          columnDefinitions={columns}
          items={items}
          loading={query.isLoading && (query.data === undefined || query.isOld)}
          ariaLabels={{ tableLabel: executions.list.table }}
          header={
            <Header variant="h2" counter={query.data && executions.list.shown(items.length, isAll)}>
              {executions.list.title}
            </Header>
          }
          filter={
            <ExecutionsFilterField filter={state} onChange={(filter) => setState({ ...filter, shown: pageSize })} />
          }
          empty={<EmptyList isFiltered={state.status !== '' || state.extension !== '' || state.tags.length > 0} />}
          footer={<More isAll={isAll || shown >= maxShown} onMore={() => setState({ shown: nextShown(shown) })} />}
        />
      </SpaceBetween>
    </Page>
  )
}

const nextShown = (shown: number) => Math.min(maxShown, shown < 200 ? shown * 2 : shown + 200)

function More({ isAll, onMore }: { readonly isAll: boolean; readonly onMore: () => void }) {
  const { data } = useTexts()
  if (isAll) return null
  return (
    <Box textAlign="center">
      <Button onClick={onMore}>{data.moreAtServer}</Button>
    </Box>
  )
}

function EmptyList({ isFiltered }: { readonly isFiltered: boolean }) {
  const { data, executions } = useTexts()
  if (isFiltered) return <Box textAlign="center">{data.noMatch}</Box>
  return (
    <Box textAlign="center">
      <SpaceBetween size="xs">
        <b>{executions.list.empty}</b>
        <span>{executions.list.emptyDetail}</span>
        <PermittedButton permission={startingAny} href="/batch">
          {executions.list.start}
        </PermittedButton>
      </SpaceBetween>
    </Box>
  )
}
