import Button from '@cloudscape-design/components/button'
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator'
import { Fragment, useState } from 'react'
import type { BatchView, ExecutionView } from '../../../../../src/protocol/api/executions.ts'
import { useTexts } from '../../../i18n/language.tsx'
import { CountsBar } from '../counts-bar.tsx'
import { type BatchProgress, chooseBatches, findBatchState, findGateStates, type GateState } from './batch-state.ts'

const looks: Readonly<Record<BatchProgress, StatusIndicatorProps.Type>> = {
  ended: 'success',
  failed: 'error',
  open: 'in-progress',
  approval: 'warning',
  paused: 'warning',
  ahead: 'pending',
  cancelled: 'stopped',
}
const gateLooks: Readonly<Record<GateState, StatusIndicatorProps.Type>> = {
  passed: 'success',
  waiting: 'in-progress',
  failed: 'error',
  ahead: 'pending',
}
const shownAtFirst = 12

/** Batches from left to right; selecting one filters the tasks. */
export function BatchLanes({
  execution,
  chosen,
  onChoose,
}: {
  readonly execution: ExecutionView
  readonly chosen: number | undefined
  readonly onChoose: (batch: number | undefined) => void
}) {
  const { executions } = useTexts()
  const [isAll, setIsAll] = useState(false)
  // Batch 0 holds tasks that the plan ended before anything ran.
  const batches = execution.batches.filter(({ number }) => number > 0)
  if (execution.rateControl.mode !== 'Batch' || batches.length === 0) return null
  const shown = isAll ? batches : chooseBatches(batches, execution.openBatch, shownAtFirst)
  return (
    <section aria-label={executions.batches.label}>
      {execution.window !== undefined && (
        <p className="quiet batch-window">{executions.batches.window(execution.window)}</p>
      )}
      <div className="batch-lanes">
        {shown.map((batch) => (
          <Fragment key={batch.number}>
            <Lane
              batch={batch}
              state={findBatchState(batch, execution)}
              isChosen={chosen === batch.number}
              onChoose={() => onChoose(chosen === batch.number ? undefined : batch.number)}
            />
            <Gates gates={findGateStates(batch, execution)} />
          </Fragment>
        ))}
      </div>
      {batches.length > shownAtFirst && (
        <Button variant="inline-link" onClick={() => setIsAll(!isAll)}>
          {isAll ? executions.batches.fewer : executions.batches.expand(batches.length - shown.length)}
        </Button>
      )}
    </section>
  )
}

/** What has to hold before the next batch opens. */
function Gates({ gates }: { readonly gates: ReturnType<typeof findGateStates> }) {
  const { batches, gateName } = useTexts().executions
  if (gates.length === 0) return null
  return (
    <ul className="batch-gates" aria-label={batches.gates}>
      {gates.map(({ gate, state }, index) => (
        <li key={index} title={gate}>
          <StatusIndicator type={gateLooks[state]} iconAriaLabel={batches.gateState[state]}>
            {gateName(gate)}
          </StatusIndicator>
        </li>
      ))}
    </ul>
  )
}

function Lane({
  batch,
  state,
  isChosen,
  onChoose,
}: {
  readonly batch: BatchView
  readonly state: BatchProgress
  readonly isChosen: boolean
  readonly onChoose: () => void
}) {
  const { batches } = useTexts().executions
  const { pending, running, success, failed, cancelled, skipped } = batch
  const text = state === 'failed' ? batches.state.failed(failed) : batches.state[state]
  return (
    <button type="button" className="batch-lane" aria-pressed={isChosen} onClick={onChoose}>
      <span className="batch-lane-head">
        <b>{batches.name(batch.number)}</b>
        <span className="quiet">
          {batch.group === undefined ? batches.size(batch.size) : `${batch.group} · ${batches.size(batch.size)}`}
        </span>
      </span>
      <CountsBar
        counts={{
          Pending: pending,
          Running: running,
          Success: success,
          Failed: failed,
          Cancelled: cancelled,
          Skipped: skipped,
        }}
      />
      <StatusIndicator type={looks[state]}>{text}</StatusIndicator>
    </button>
  )
}
