import Box from '@cloudscape-design/components/box'
import FormField from '@cloudscape-design/components/form-field'
import type { ExecutionView, TaskDetailView } from '../../../../src/protocol/api/executions.ts'
import { FormDialog } from '../../app/dialog/form-dialog.tsx'
import { useFlashes } from '../../app/flashes.tsx'
import { describeTaskPlan } from '../../app/operation/operation-kinds.ts'
import { useAction } from '../../data/use-action.ts'
import { useTexts } from '../../i18n/language.tsx'
import { TaskParameters } from '../execution/tasks/task-parameters.tsx'
import { executionKey } from '../execution/use-execution.ts'

/** Previews a task retry: its part of the plan, frozen when the execution started. */
export function RetryTaskDialog({
  execution: { id, operation },
  task,
  onClose,
}: {
  readonly execution: ExecutionView
  readonly task: TaskDetailView
  readonly onClose: () => void
}) {
  const { batch, executions } = useTexts()
  const { retryTaskDialog: texts, retryDialog, actions, details, explainTask, nameOperation } = executions
  const flashes = useFlashes()
  const { instanceId, instanceName } = task
  const planned = describeTaskPlan(operation, task)
  const retry = useAction(
    (client, _: undefined) => client.executions.retryTask(id, instanceId),
    [executionKey(id), 'executions'],
  )
  const submit = async () => {
    if (!(await retry.run(undefined))) return
    flashes.success(actions.taskRetried(instanceName))
    onClose()
  }
  return (
    <FormDialog
      title={texts.title(instanceName)}
      submit={retryDialog.confirm}
      {...retry}
      onSubmit={() => void submit()}
      onClose={onClose}
    >
      <FormField label={retryDialog.what} description={texts.frozen}>
        {planned.length === 0 && nameOperation(operation)}
        {planned.map(({ name, step, versions }) => (
          <div key={name}>{[batch.confirm.steps[step], name, versions].filter(Boolean).join(' · ')}</div>
        ))}
      </FormField>
      <FormField label={details.parameters}>
        <TaskParameters parameters={task.parameters} />
      </FormField>
      <FormField label={texts.failure}>
        <Box>{explainTask(task)}</Box>
      </FormField>
    </FormDialog>
  )
}
