import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { isTaskEnded, offersControl } from '../../../../../src/core/execution/execution.ts'
import type { ExecutionView, TaskView } from '../../../../../src/protocol/api/executions.ts'
import { useFlashes } from '../../../app/flashes.tsx'
import { useAction } from '../../../data/use-action.ts'
import { useTexts } from '../../../i18n/language.tsx'
import { executionKey } from '../use-execution.ts'
import { useFlashedProblem } from '../use-execution-control.ts'

type Control = 'retryTask' | 'skipTask' | 'runTask' | 'cancelTask'

/** What can be done with one task while its execution waits, or goes on. */
export function TaskActions({ execution, task }: { readonly execution: ExecutionView; readonly task: TaskView }) {
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
  const can = (control: Control) => offersControl(status, control)
  const isFailed = task.status === 'Failed'
  const offered = [
    isFailed &&
      can('retryTask') && { text: texts.retry, run: () => run('retryTask', actions.taskRetried(instanceName)) },
    isFailed && can('skipTask') && { text: texts.skip, run: () => run('skipTask', actions.skipped(instanceName)) },
    mode === 'Debug' && task.status === 'Pending' && can('runTask') && { text: texts.run, run: () => run('runTask') },
    !isTaskEnded(task.status) && can('cancelTask') && { text: texts.cancel, run: () => run('cancelTask') },
  ].filter((item) => item !== false)
  if (offered.length === 0) return null
  return (
    <SpaceBetween direction="horizontal" size="xs">
      {offered.map(({ text, run: onClick }) => (
        <Button key={text} loading={act.isRunning} onClick={() => void onClick()}>
          {text}
        </Button>
      ))}
    </SpaceBetween>
  )
}
