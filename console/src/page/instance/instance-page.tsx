import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Tabs from '@cloudscape-design/components/tabs'
import type { InstanceDetailView, InstanceView } from '../../../../src/protocol/api/instances.ts'
import { Page } from '../../app/page.tsx'
import { PageLoading } from '../../app/page-loading.tsx'
import { ProblemAlert } from '../../app/problem-alert.tsx'
import { type QueryResult, useQuery } from '../../data/use-query.ts'
import { useTexts } from '../../i18n/language.tsx'
import { useUrlState } from '../../url/use-url-state.ts'
import { InstanceExtensions } from './extensions/instance-extensions.tsx'
import { InstanceActions } from './instance-actions.tsx'
import { InstanceAdmission } from './instance-admission.tsx'
import { InstanceConnection } from './instance-connection.tsx'
import { InstanceDrift } from './instance-drift.tsx'
import { InstanceFacts } from './instance-facts.tsx'
import { InstanceHistory } from './instance-history.tsx'
import { InstanceSummary } from './instance-summary.tsx'
import { instanceTabs, instanceUrl } from './instance-url.ts'

export function InstancePage({ params }: { readonly params: Readonly<Record<string, string | undefined>> }) {
  const id = params['id'] ?? ''
  // Another instance is another page: no state carries over.
  return <InstanceOf key={id} id={id} />
}

function InstanceOf({ id }: { readonly id: string }) {
  const { shell } = useTexts()
  const query = useQuery(`instances/${id}`, (client) => client.instances.get(id))
  const above = [{ text: shell.navigation.instances, href: '/instances' }]
  const instance = query.error?.status === 404 ? undefined : query.data
  if (!instance) return <NoInstance id={id} query={query} above={above} />
  return (
    <Page
      title={instance.name}
      description={<InstanceConnection instance={instance} />}
      above={above}
      actions={<InstanceActions instance={instance} />}
    >
      <SpaceBetween size="l">
        <ProblemAlert error={query.error} onRetry={query.refresh} />
        <InstanceAdmission instance={instance} />
        <InstanceSummary instance={instance} />
        <InstanceDrift drift={instance.drift} />
        <InstanceParts instance={instance} />
      </SpaceBetween>
    </Page>
  )
}

function NoInstance({
  id,
  query: { error, refresh },
  above,
}: {
  readonly id: string
  readonly query: QueryResult<InstanceDetailView>
  readonly above: readonly { readonly text: string; readonly href: string }[]
}) {
  const { shell, instances } = useTexts()
  if (!error)
    return (
      <Page title={id} above={above}>
        <PageLoading />
      </Page>
    )
  return (
    <Page title={error.status === 404 ? instances.detail.none : id} above={above}>
      <SpaceBetween size="m">
        <ProblemAlert error={error} onRetry={refresh} />
        <Button href="/instances">{shell.navigation.instances}</Button>
      </SpaceBetween>
    </Page>
  )
}

function InstanceParts({ instance }: { readonly instance: InstanceView }) {
  const { detail } = useTexts().instances
  const [{ tab }, setUrl] = useUrlState(instanceUrl)
  const content = {
    extensions: <InstanceExtensions instance={instance} />,
    history: <InstanceHistory instance={instance} />,
    facts: <InstanceFacts facts={instance.facts} />,
  }
  return (
    <Tabs
      activeTabId={tab}
      ariaLabel={instance.name}
      onChange={({ detail: { activeTabId } }) =>
        setUrl({ tab: instanceTabs.find((id) => id === activeTabId) ?? 'extensions' }, { push: true })
      }
      // Only the open tab queries the server.
      tabs={instanceTabs.map((id) => ({ id, label: detail.tabs[id], content: id === tab && content[id] }))}
    />
  )
}
