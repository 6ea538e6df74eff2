import Box from '@cloudscape-design/components/box'
import Container from '@cloudscape-design/components/container'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import Link from '@cloudscape-design/components/link'
import ProgressBar from '@cloudscape-design/components/progress-bar'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { isEnded, type TaskStatus } from '../../../../src/core/execution/execution.ts'
import type { ExecutionView } from '../../../../src/protocol/api/executions.ts'
import { ExecutionStatusIndicator } from '../../app/execution-status-indicator.tsx'
import { useFormat, useTexts } from '../../i18n/language.tsx'
import { ElapsedTime } from './elapsed-time.tsx'
import { ExpectedEnd } from './expected-end.tsx'
import { StatusBar } from './status-bar.tsx'
import type { ProgressView } from './use-progress.ts'

/** Verdict and progress; the bar also filters the tasks. */
export function ExecutionSummaryBox({
  execution,
  progress,
  chosen,
  onChoose,
}: {
  readonly execution: ExecutionView
  readonly progress: ProgressView | undefined
  readonly chosen: readonly TaskStatus[]
  readonly onChoose: (statuses: readonly TaskStatus[]) => void
}) {
  const { executionReason, explainExecution } = useTexts().executions
  return (
    <Container>
      <SpaceBetween size="m">
        <div role="status">
          <Box fontSize="heading-m" fontWeight="bold" display="inline-block" margin={{ right: 's' }}>
            <ExecutionStatusIndicator status={execution.status} />
          </Box>
          {/* The notice above explains what the execution waits for. */}
          {execution.status !== 'Waiting' && (
            <Box display="inline-block">
              <b>{executionReason[execution.reasonCode]}</b> · {explainExecution(execution)}
            </Box>
          )}
        </div>
        <StatusBar execution={execution} chosen={chosen} onChoose={onChoose} />
        <Facts execution={execution} progress={progress} />
      </SpaceBetween>
    </Container>
  )
}

function Facts({
  execution,
  progress,
}: {
  readonly execution: ExecutionView
  readonly progress: ProgressView | undefined
}) {
  const { executions } = useTexts()
  const format = useFormat()
  const { summary } = executions
  const { rateControl, startedAt, endedAt, createdAt, createdBy, retryOf, parentExecutionId, note } = execution
  const { rollbackOf, rolledBackBy, changes = [] } = execution
  return (
    <KeyValuePairs
      columns={4}
      minColumnWidth={140}
      items={[
        {
          label: summary.elapsed,
          value: startedAt ? <ElapsedTime startedAt={startedAt} endedAt={endedAt} /> : summary.unknown,
        },
        isEnded(execution.status)
          ? { label: summary.ended, value: endedAt ? format.instant(endedAt) : summary.unknown }
          : { label: summary.expectedEnd, value: <ExpectedEnd execution={execution} progress={progress} /> },
        { label: summary.errors, value: <ErrorBudget execution={execution} /> },
        {
          label: summary.control,
          value:
            rateControl.mode === 'Batch'
              ? summary.batchControl(rateControl.batchCount, rateControl.concurrency)
              : summary.concurrencyControl(rateControl.concurrency),
        },
        ...(execution.strict ? [{ label: summary.verdict, value: summary.strict }] : []),
        { label: summary.created, value: summary.createdBy(format.instant(createdAt), createdBy) },
        ...(retryOf ? [{ label: summary.retryOf, value: <Link href={`/executions/${retryOf}`}>{retryOf}</Link> }] : []),
        ...(rollbackOf
          ? [{ label: summary.rollbackOf, value: <Link href={`/executions/${rollbackOf}`}>{rollbackOf}</Link> }]
          : []),
        ...(rolledBackBy
          ? [{ label: summary.rolledBackBy, value: <Link href={`/executions/${rolledBackBy}`}>{rolledBackBy}</Link> }]
          : []),
        ...(isEnded(execution.status) && changes.length > 0
          ? [{ label: summary.changes, value: <Changes changes={changes} /> }]
          : []),
        ...(parentExecutionId
          ? [
              {
                label: summary.parent,
                value: <Link href={`/executions/${parentExecutionId}`}>{parentExecutionId}</Link>,
              },
            ]
          : []),
        ...(note ? [{ label: summary.note, value: note }] : []),
      ]}
    />
  )
}

/** The changed instances by versions. */
function Changes({ changes }: { readonly changes: NonNullable<ExecutionView['changes']> }) {
  const { summary } = useTexts().executions
  return changes.map((change) => (
    <div key={`${change.extension} ${change.from} ${change.to} ${change.broken}`}>{summary.change(change)}</div>
  ))
}

/** Failures so far, and how many are accepted before no new tasks start. */
function ErrorBudget({ execution }: { readonly execution: ExecutionView }) {
  const { executions } = useTexts()
  const format = useFormat()
  const { summary } = executions
  const { maxErrors } = execution.rateControl
  const count = execution.batches.reduce((sum, { number, failed }) => sum + (number > 0 ? failed : 0), 0)
  const isSpent = count > maxErrors
  const used = count === 0 ? 0 : Math.min(100, (count / Math.max(1, maxErrors)) * 100)
  const text = summary.errorsOf(format.number(count), format.number(maxErrors))
  return (
    <div className="error-budget">
      <ProgressBar
        value={used}
        ariaLabel={`${summary.errors}: ${text}`}
        additionalInfo={isSpent ? `${text}. ${summary.errorsOver}` : text}
      />
    </div>
  )
}
