import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { isTaskEnded, offersControl } from '../../../../../src/core/execution/execution.ts'
import type { ExecutionView, TaskDetailView } from '../../../../../src/protocol/api/executions.ts'
import { useFlashes } from '../../../app/flashes.tsx'
import { PermittedButton } from '../../../app/permitted-button.tsx'
import { useAction } from '../../../data/use-action.ts'
import { useTexts } from '../../../i18n/language.tsx'
import { RetryTaskDialog } from '../../executions/retry-task-dialog.tsx'
import { executionKey } from '../use-execution.ts'
import { useFlashedProblem } from '../use-execution-control.ts'

type Control = 'skipTask' | 'runTask' | 'cancelTask'

/** Available controls of a task. */
export function TaskActions({ execution, task }: { readonly execution: ExecutionView; readonly task: TaskDetailView }) {
  const { executions } = useTexts()
  const flashes = useFlashes()
  const { id, status, mode } = execution
  const { instanceId, instanceName } = task
  const act = useAction(
    (client, control: Control) => client.executions[control](id, instanceId),
    [executionKey(id), 'executions'],
  )
  useFlashedProblem(act.error)
  const { task: texts, actions } = executions
  const run = async (control: Control, success?: string) => {
    if ((await act.run(control)) && success) flashes.success(success)
  }
  const [isRetrying, setIsRetrying] = useState(false)
  const can = (control: Control | 'retryTask') => offersControl(status, control)
  const isFailed = task.status === 'Failed'
  const offered = [
    isFailed && can('retryTask') && { text: texts.retry, run: () => setIsRetrying(true) },
    isFailed && can('skipTask') && { text: texts.skip, run: () => void run('skipTask', actions.skipped(instanceName)) },
    mode === 'Debug' &&
      task.status === 'Pending' &&
      can('runTask') && { text: texts.run, run: () => void run('runTask') },
    !isTaskEnded(task.status) && can('cancelTask') && { text: texts.cancel, run: () => void run('cancelTask') },
  ].filter((item) => item !== false)
  if (offered.length === 0) return null
  return (
    <>
      <SpaceBetween direction="horizontal" size="xs">
        {offered.map(({ text, run: onClick }) => (
          <PermittedButton
            key={text}
            permission={{ action: 'oos:NotifyExecution', resource: `execution/${id}` }}
            loading={act.isRunning}
            onClick={onClick}
          >
            {text}
          </PermittedButton>
        ))}
      </SpaceBetween>
      {isRetrying && <RetryTaskDialog execution={execution} task={task} onClose={() => setIsRetrying(false)} />}
    </>
  )
}
