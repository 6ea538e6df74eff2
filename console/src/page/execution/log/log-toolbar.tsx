import Button from '@cloudscape-design/components/button'
import Input from '@cloudscape-design/components/input'
import SegmentedControl from '@cloudscape-design/components/segmented-control'
import Select from '@cloudscape-design/components/select'
import Toggle from '@cloudscape-design/components/toggle'
import type { TaskDetailView } from '../../../../../src/protocol/api/executions.ts'
import { useTexts } from '../../../i18n/language.tsx'
import { type LogStreams, logStreams } from '../execution-parameters.ts'
import { outputAddress } from './output-address.ts'

interface LogToolbarProps {
  readonly executionId: string
  readonly task: TaskDetailView
  readonly streams: LogStreams
  readonly attempt: number
  readonly find: string
  /** Index among the matching lines, from 0. */
  readonly found: { readonly place: number; readonly count: number }
  readonly isFollowing: boolean
  readonly canFollow: boolean
  readonly onChange: (change: { streams?: LogStreams; attempt?: number; find?: string }) => void
  readonly onFollow: (isFollowing: boolean) => void
  readonly onFind: (step: 1 | -1) => void
}

export function LogToolbar(props: LogToolbarProps) {
  const { log } = useTexts().executions
  const { executionId, task, streams, attempt, isFollowing, canFollow, onChange, onFollow } = props
  const attempts = [
    { value: '0', label: log.allAttempts },
    ...task.invocations.map((one) => ({ value: String(one.attempt), label: log.attemptName(one.attempt) })),
  ]
  return (
    <div className="log-toolbar">
      <SegmentedControl
        label={log.streams}
        selectedId={streams}
        options={logStreams.map((id) => ({ id, text: log.streamNames[id] }))}
        onChange={({ detail }) => onChange({ streams: detail.selectedId as LogStreams })}
      />
      {task.invocations.length > 1 && (
        <Select
          ariaLabel={log.attempt}
          options={attempts}
          selectedOption={attempts.find(({ value }) => value === String(attempt)) ?? null}
          onChange={({ detail }) => onChange({ attempt: Number(detail.selectedOption.value) })}
        />
      )}
      <Finding {...props} />
      {canFollow && (
        <Toggle checked={isFollowing} onChange={({ detail }) => onFollow(detail.checked)}>
          {log.follow}
        </Toggle>
      )}
      <Button
        iconName="download"
        href={outputAddress(executionId, task.instanceId, { streams, attempt })}
        download
        target="_self"
      >
        {log.download}
      </Button>
    </div>
  )
}

function Finding({ find, found: { place, count }, onChange, onFind }: LogToolbarProps) {
  const { log } = useTexts().executions
  return (
    <span className="log-find">
      <Input
        type="search"
        value={find}
        ariaLabel={log.search}
        placeholder={log.search}
        onChange={({ detail }) => onChange({ find: detail.value })}
        onKeyDown={({ detail }) => {
          if (detail.key === 'Enter') onFind(detail.shiftKey ? -1 : 1)
        }}
      />
      {find !== '' && (
        <>
          <span role="status" className="quiet">
            {count === 0 ? log.foundNone : log.found(place + 1, count)}
          </span>
          <Button
            variant="icon"
            iconName="angle-up"
            ariaLabel={log.previous}
            disabled={count === 0}
            onClick={() => onFind(-1)}
          />
          <Button
            variant="icon"
            iconName="angle-down"
            ariaLabel={log.next}
            disabled={count === 0}
            onClick={() => onFind(1)}
          />
        </>
      )}
    </span>
  )
}
