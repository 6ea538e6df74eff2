import Link from '@cloudscape-design/components/link'
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator'
import type { TableProps } from '@cloudscape-design/components/table'
import type { PlanStep } from '../../../../../src/core/plan/plan.ts'
import { renderVersions } from '../../../app/operation/render-versions.ts'
import { ParameterChanges } from '../../../app/plan/parameter-values.tsx'
import { useFormat, useTexts } from '../../../i18n/language.tsx'
import type { PlannedRow } from '../targets/filter-plan.ts'

const looks: Readonly<Record<PlanStep, StatusIndicatorProps.Type>> = {
  install: 'pending',
  update: 'pending',
  verify: 'pending',
  uninstall: 'pending',
  run: 'pending',
  none: 'success',
  skip: 'warning',
}

export function usePlanColumns(hasBatches: boolean): TableProps.ColumnDefinition<PlannedRow>[] {
  const { data, batch, executions } = useTexts()
  const { columns, steps } = batch.confirm
  const format = useFormat()
  return [
    {
      id: 'instance',
      header: columns.instance,
      minWidth: 120,
      isRowHeader: true,
      cell: ({ instanceId, instanceName }) => <Link href={`/instances/${instanceId}`}>{instanceName}</Link>,
    },
    {
      id: 'step',
      header: columns.step,
      minWidth: 130,
      cell: ({ step }) => <StatusIndicator type={looks[step]}>{steps[step]}</StatusIndicator>,
    },
    {
      id: 'version',
      header: columns.version,
      cell: (target) => renderVersions(target) || data.none,
    },
    ...(hasBatches
      ? [
          {
            id: 'batch',
            header: columns.batch,
            cell: ({ batch: number }: PlannedRow) => (number ? format.number(number) : data.none),
          },
        ]
      : []),
    {
      id: 'why',
      header: columns.why,
      minWidth: 240,
      cell: ({ parameterChanges, ...target }) => (
        <>
          {executions.explainTask(target)}
          <ParameterChanges changes={parameterChanges} />
        </>
      ),
    },
    { id: 'id', header: columns.id, cell: ({ instanceId }) => instanceId },
  ]
}
