import Box from '@cloudscape-design/components/box'
import FormField from '@cloudscape-design/components/form-field'
import Spinner from '@cloudscape-design/components/spinner'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { isWork } from '../../../../../src/core/plan/plan.ts'
import type { PlanView } from '../../../../../src/protocol/api/plan/plans.ts'
import { renderVersions } from '../../../app/operation/render-versions.ts'
import { ParameterChanges } from '../../../app/plan/parameter-values.tsx'
import { useTexts } from '../../../i18n/language.tsx'

/** The plan for one instance and its reason. */
export function InstancePlan({ target }: { readonly target: PlanView['targets'][number] | undefined }) {
  const { instances, executions } = useTexts()
  const { change: texts } = instances
  if (!target)
    return (
      <Box color="text-body-secondary">
        <span role="status">
          <Spinner /> {texts.planning}
        </span>
      </Box>
    )
  const versions = renderVersions(target)
  return (
    <FormField label={texts.plan}>
      <div role="status">
        <StatusIndicator type={isWork(target) ? 'pending' : target.step === 'skip' ? 'warning' : 'info'}>
          <b>{texts.step[target.step]}</b>
          {versions !== '' && ` · ${versions}`}
        </StatusIndicator>
        <Box variant="small" display="block">
          {executions.explainTask(target)}
        </Box>
        <ParameterChanges changes={target.parameterChanges} />
      </div>
    </FormField>
  )
}
