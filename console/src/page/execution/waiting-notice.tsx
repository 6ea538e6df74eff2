import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import Link from '@cloudscape-design/components/link'
import type { ExecutionView } from '../../../../src/protocol/api/executions.ts'
import { useTexts } from '../../i18n/language.tsx'
import type { ProgressView } from './use-progress.ts'

/** Explains why the execution waits, and what the user can do. */
export function WaitingNotice({
  execution,
  progress,
  onShowFailed,
}: {
  readonly execution: ExecutionView
  readonly progress: ProgressView | undefined
  readonly onShowFailed: () => void
}) {
  const { waiting, executionReason, explainExecution } = useTexts().executions
  const { status, reasonCode, openBatch } = execution
  if (status !== 'Waiting') return <WaitsForOthers others={progress?.waitsFor ?? []} />
  if (reasonCode === 'BatchPause')
    return (
      <Alert type="warning" header={waiting.batchTitle(openBatch + 1)}>
        {explainExecution(execution)}
      </Alert>
    )
  if (reasonCode === 'FailurePause')
    return (
      <Alert
        type="warning"
        header={waiting.failureTitle}
        action={<Button onClick={onShowFailed}>{waiting.showFailed}</Button>}
      >
        {waiting.failureDetail}
      </Alert>
    )
  if (reasonCode === 'DebugPause')
    return (
      <Alert type="info" header={waiting.debugTitle}>
        {waiting.debugDetail}
      </Alert>
    )
  if (reasonCode === 'GateWait' || reasonCode === 'GateFailed')
    return (
      <Alert
        type={reasonCode === 'GateWait' ? 'info' : 'warning'}
        header={reasonCode === 'GateWait' ? waiting.gateTitle(openBatch + 1) : waiting.gateFailedTitle(openBatch + 1)}
      >
        {explainExecution(execution)}
      </Alert>
    )
  if (notices.includes(reasonCode))
    return (
      <Alert type="info" header={executionReason[reasonCode]}>
        {explainExecution(execution)}
      </Alert>
    )
  return (
    <Alert type="warning" header={waiting.pausedTitle}>
      {explainExecution(execution)}
    </Alert>
  )
}

/** The execution continues by itself. */
const notices: readonly ExecutionView['reasonCode'][] = ['NotYet', 'OutsideWindow', 'Frozen', 'AwaitingSignatures']

function WaitsForOthers({ others }: { readonly others: ProgressView['waitsFor'] }) {
  const { waiting } = useTexts().executions
  if (others.length === 0) return null
  return (
    <Alert type="info" header={waiting.queuedTitle}>
      <ul>
        {others.map(({ executionId, count, instanceId }) => (
          <li key={executionId}>
            {waiting.other(count, instanceId)} <Link href={`/executions/${executionId}`}>{executionId}</Link>
          </li>
        ))}
      </ul>
    </Alert>
  )
}
