import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Tabs from '@cloudscape-design/components/tabs'
import type { ExecutionView } from '../../../../src/protocol/api/executions.ts'
import { Page } from '../../app/page.tsx'
import { PageLoading } from '../../app/page-loading.tsx'
import { ProblemAlert } from '../../app/problem-alert.tsx'
import { useFormat, useTexts } from '../../i18n/language.tsx'
import { useUrlState } from '../../url/use-url-state.ts'
import { BatchLanes } from './batches/batch-lanes.tsx'
import { ExecutionActions } from './execution-actions.tsx'
import { ExecutionDetails } from './execution-details.tsx'
import { executionParameters } from './execution-parameters.ts'
import { ExecutionSummaryBox } from './execution-summary.tsx'
import { FailureGroups } from './failure-groups.tsx'
import { PlanSignatures } from './plan-signatures.tsx'
import { noTaskFilter, readTaskFilter } from './tasks/task-filter.ts'
import { TasksTab } from './tasks/tasks-tab.tsx'
import { type LiveExecution, useExecution } from './use-execution.ts'
import { useProgress } from './use-progress.ts'
import { WaitingNotice } from './waiting-notice.tsx'
import './executions.css'

export function ExecutionPage({ params }: { readonly params: Readonly<Record<string, string | undefined>> }) {
  const id = params['id'] ?? ''
  // Another execution is another page: no state carries over.
  return <ExecutionOf key={id} id={id} />
}

function ExecutionOf({ id }: { readonly id: string }) {
  const { shell, executions } = useTexts()
  const live = useExecution(id)
  const { execution, query } = live
  const above = [{ text: shell.navigation.executions, href: '/executions' }]
  if (!execution)
    return (
      <Page title={id} above={above}>
        {query.error ? (
          <SpaceBetween size="m">
            <ProblemAlert error={query.error} onRetry={query.refresh} />
            <Button href="/executions">{executions.notFound}</Button>
          </SpaceBetween>
        ) : (
          <PageLoading />
        )}
      </Page>
    )
  const { description } = execution
  return (
    <Page
      title={executions.nameOperation(execution.operation)}
      description={description === '' ? <Box variant="code">{id}</Box> : description}
      above={above}
      actions={<ExecutionActions execution={execution} />}
    >
      <ExecutionContent execution={execution} live={live} />
    </Page>
  )
}

function ExecutionContent({ execution, live }: { readonly execution: ExecutionView; readonly live: LiveExecution }) {
  const { executions } = useTexts()
  const format = useFormat()
  const [state, setState] = useUrlState(executionParameters)
  const filter = readTaskFilter(state)
  const failed = execution.counts.Failed ?? 0
  const { data: progress } = useProgress(execution)
  const showTasks = (change: Partial<typeof state>) => setState({ ...noTaskFilter, ...change, tab: 'tasks' })
  return (
    <SpaceBetween size="l">
      <ProblemAlert error={live.query.error} onRetry={live.query.refresh} />
      <WaitingNotice execution={execution} progress={progress} onShowFailed={() => showTasks({ status: ['Failed'] })} />
      <PlanSignatures execution={execution} />
      <ExecutionSummaryBox
        execution={execution}
        progress={progress}
        chosen={state.tab === 'tasks' ? filter.statuses : []}
        onChoose={(status) => setState({ status, failure: '', reason: '', tab: 'tasks' })}
      />
      <BatchLanes
        execution={execution}
        chosen={state.tab === 'tasks' ? filter.batch : undefined}
        onChoose={(batch) => setState({ batch: batch ?? 0, tab: 'tasks' })}
      />
      <Tabs
        activeTabId={state.tab}
        onChange={({ detail }) => setState({ tab: detail.activeTabId as typeof state.tab }, { push: true })}
        tabs={[
          {
            id: 'tasks',
            label: executions.tabs.tasks,
            content: <TasksTab execution={execution} live={live} filter={filter} />,
          },
          {
            id: 'failures',
            label: `${executions.tabs.failures} (${format.number(failed)})`,
            content: (
              <FailureGroups execution={execution} onShow={(failure) => showTasks({ failure, status: ['Failed'] })} />
            ),
          },
          { id: 'details', label: executions.tabs.details, content: <ExecutionDetails execution={execution} /> },
        ]}
      />
    </SpaceBetween>
  )
}
