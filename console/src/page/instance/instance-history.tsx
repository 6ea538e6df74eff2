import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import type { InstanceHistoryView, InstanceView } from '../../../../src/protocol/api/instances.ts'
import { ProblemAlert } from '../../app/problem-alert.tsx'
import { useTexts } from '../../i18n/language.tsx'
import { useUrlState } from '../../url/use-url-state.ts'
import { instanceUrl } from './instance-url.ts'
import { useInstanceHistory } from './use-instance-history.ts'
import { useInstanceHistoryColumns } from './use-instance-history-columns.tsx'

/** Executions on an instance and their results. */
export function InstanceHistory({ instance }: { readonly instance: InstanceView }) {
  const { data: words, instances } = useTexts()
  const { history: texts } = instances
  const [{ after }] = useUrlState(instanceUrl)
  const query = useInstanceHistory(instance.id, after)
  const columns = useInstanceHistoryColumns()
  if (query.error && !query.data) return <ProblemAlert error={query.error} onRetry={query.refresh} />
  return (
    <SpaceBetween size="m">
      <ProblemAlert error={query.error} onRetry={query.refresh} />
      <Table<InstanceHistoryView>
        items={query.data?.items ?? []}
        columnDefinitions={columns}
        trackBy="executionId"
        variant="borderless"
        wrapLines
        loading={query.isLoading && (!query.data || query.isOld)}
        loadingText={words.loading}
        ariaLabels={{ tableLabel: texts.title }}
        header={<Header variant="h2">{texts.title}</Header>}
        footer={<Places nextToken={query.isOld ? undefined : query.data?.nextToken} />}
        empty={
          <Box textAlign="center" padding={{ vertical: 'm' }}>
            <b>{texts.empty}</b>
          </Box>
        }
      />
    </SpaceBetween>
  )
}

/** Pagination; the browser's Back returns one step. */
function Places({ nextToken }: { readonly nextToken: string | undefined }) {
  const { history: texts } = useTexts().instances
  const [{ after }, setUrl] = useUrlState(instanceUrl)
  if (after === '' && nextToken === undefined) return null
  return (
    <Box textAlign="center">
      <nav aria-label={texts.title}>
        <SpaceBetween direction="horizontal" size="xs" alignItems="center">
          <Button disabled={after === ''} onClick={() => setUrl({ after: '' }, { push: true })}>
            {texts.newest}
          </Button>
          <Button
            disabled={nextToken === undefined}
            iconName="angle-right"
            iconAlign="right"
            onClick={() => nextToken !== undefined && setUrl({ after: nextToken }, { push: true })}
          >
            {texts.older}
          </Button>
        </SpaceBetween>
      </nav>
    </Box>
  )
}
