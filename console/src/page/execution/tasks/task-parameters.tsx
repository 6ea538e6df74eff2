import Box from '@cloudscape-design/components/box'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { TaskDetailView } from '../../../../../src/protocol/api/executions.ts'
import { ParameterChanges, ValueLines } from '../../../app/plan/parameter-values.tsx'
import { useTexts } from '../../../i18n/language.tsx'

/** Parameter values of the task, and how they differ from the previous ones. */
export function TaskParameters({ parameters }: Pick<TaskDetailView, 'parameters'>) {
  const { task } = useTexts().executions
  const shown = parameters.filter(({ values, changes }) => Object.keys(values).length > 0 || changes.length > 0)
  if (shown.length === 0) return <Box color="text-body-secondary">{task.noParameters}</Box>
  return (
    <SpaceBetween size="m">
      {shown.map(({ extension, values, changes }) => (
        <div key={extension ?? ''}>
          {extension !== undefined && <Box variant="awsui-key-label">{extension}</Box>}
          <ValueLines values={values} />
          {changes.length > 0 && <Box variant="awsui-key-label">{task.changes}</Box>}
          <ParameterChanges changes={changes} />
        </div>
      ))}
    </SpaceBetween>
  )
}
