import Alert from '@cloudscape-design/components/alert'
import Badge from '@cloudscape-design/components/badge'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import Link from '@cloudscape-design/components/link'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Spinner from '@cloudscape-design/components/spinner'
import { useState } from 'react'
import { offersControl } from '../../../../src/core/execution/execution.ts'
import type { ExecutionView, FailureGroup } from '../../../../src/protocol/api/executions.ts'
import { PermittedButton } from '../../app/permitted-button.tsx'
import { ProblemAlert } from '../../app/problem-alert.tsx'
import { useTexts } from '../../i18n/language.tsx'
import { RetryDialog } from './retry-dialog.tsx'
import { executionKey } from './use-execution.ts'
import { useFreshQuery } from './use-fresh-query.ts'

/** Failure groups: last output, number of instances, and suggested fix. */
export function FailureGroups({
  execution,
  onShow,
}: {
  readonly execution: ExecutionView
  readonly onShow: (key: string) => void
}) {
  const { executions } = useTexts()
  const { data, error, refresh } = useFreshQuery(
    `${executionKey(execution.id)}/failures`,
    execution.counts.Failed ?? 0,
    (client) => client.executions.listFailures(execution.id),
  )
  if (error) return <ProblemAlert error={error} onRetry={refresh} />
  if (!data) return <Spinner />
  if (data.groups.length === 0)
    return (
      <Box textAlign="center" padding="l" color="text-body-secondary">
        {executions.failures.none}
      </Box>
    )
  return (
    <SpaceBetween size="m">
      {data.groups.map((group) => (
        <Group key={group.key} group={group} execution={execution} onShow={() => onShow(group.key)} />
      ))}
      {!data.isComplete && <Box color="text-body-secondary">{executions.failures.incomplete}</Box>}
    </SpaceBetween>
  )
}

function Group({
  group,
  execution,
  onShow,
}: {
  readonly group: FailureGroup
  readonly execution: ExecutionView
  readonly onShow: () => void
}) {
  const { failures, hints, taskReason } = useTexts().executions
  const [isRetrying, setIsRetrying] = useState(false)
  const canRetry = offersControl(execution.status, 'retry')
  const { key, count, reasonCode, exitCode, lines, samples, hint } = group
  return (
    <Container
      header={
        <Header
          variant="h3"
          description={
            <>
              {taskReason[reasonCode]} {exitCode !== undefined && <Badge>{failures.exit(exitCode)}</Badge>}
            </>
          }
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button onClick={onShow}>{failures.show}</Button>
              <PermittedButton
                permission={{ action: 'oos:NotifyExecution', resource: `execution/${execution.id}` }}
                disabled={!canRetry}
                {...(!canRetry && { disabledReason: failures.notYet })}
                onClick={() => setIsRetrying(true)}
              >
                {failures.retry(count)}
              </PermittedButton>
            </SpaceBetween>
          }
        >
          {failures.title(count, lines.at(-1))}
        </Header>
      }
    >
      <SpaceBetween size="s">
        {isRetrying && <RetryDialog execution={execution} failure={key} onClose={() => setIsRetrying(false)} />}
        {lines.length === 0 ? (
          <Box color="text-body-secondary">{failures.noOutput}</Box>
        ) : (
          <pre className="last-lines">{lines.join('\n')}</pre>
        )}
        {hint && (
          <Alert type="info" header={failures.hint}>
            {hints[hint.code]}
          </Alert>
        )}
        <div>
          <Box variant="awsui-key-label">{failures.samples}</Box>
          {samples.map(({ instanceId, instanceName }, place) => (
            <span key={instanceId}>
              {place > 0 && ', '}
              <Link href={`/executions/${execution.id}?status=Failed&task=${encodeURIComponent(instanceId)}`}>
                {instanceName}
              </Link>
            </span>
          ))}
        </div>
      </SpaceBetween>
    </Container>
  )
}
