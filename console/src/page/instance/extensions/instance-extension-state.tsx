import Box from '@cloudscape-design/components/box'
import ExpandableSection from '@cloudscape-design/components/expandable-section'
import Link from '@cloudscape-design/components/link'
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator'
import type { ReactNode } from 'react'
import { isTaskRunning } from '../../../../../src/core/execution/execution.ts'
import type { InstanceExtensionView, InstanceHistoryView } from '../../../../../src/protocol/api/instances.ts'
import { ValueLines } from '../../../app/plan/parameter-values.tsx'
import { useFormat, useTexts } from '../../../i18n/language.tsx'

const looks: Readonly<Record<InstanceExtensionView['state'], StatusIndicatorProps.Type>> = {
  installed: 'success',
  broken: 'error',
  absent: 'stopped',
}

/** State of an extension on an instance, its running change, or why it does not apply. */
export function InstanceExtensionState({
  row: { state, fits, reason = '', reasonMessages, newest, installed },
  work,
}: {
  readonly row: InstanceExtensionView
  readonly work: InstanceHistoryView | undefined
}) {
  const { instances, executions } = useTexts()
  const format = useFormat()
  const { extensions: texts, change } = instances
  const unfit =
    newest === undefined ? texts.noVersion : texts.unfit(executions.explainReason({ reason, reasonMessages }))
  return (
    <>
      <StatusIndicator type={looks[state]}>{texts.states[state]}</StatusIndicator>
      {work && (
        <Detail>
          <StatusIndicator type={isTaskRunning(work.task.status) ? 'in-progress' : 'pending'}>
            <Link href={`/executions/${work.executionId}`} fontSize="body-s">
              {executions.nameOperation(work.operation)}
            </Link>
          </StatusIndicator>
        </Detail>
      )}
      {state === 'broken' && (
        <Detail>
          {instances.brokenDetail}{' '}
          {installed?.executionId.startsWith('exec-') && (
            <Link href={`/executions/${installed.executionId}`} fontSize="body-s">
              {change.open}
            </Link>
          )}
        </Detail>
      )}
      {installed?.drift && (
        <Detail>
          <StatusIndicator type="warning">
            {instances.driftedSince(format.instant(installed.drift.since), executions.explainReason(installed.drift))}
          </StatusIndicator>
        </Detail>
      )}
      {installed && Object.keys(installed.parameters).length > 0 && (
        <ExpandableSection headerText={texts.parameters}>
          <ValueLines values={installed.parameters} />
        </ExpandableSection>
      )}
      {!fits && <Detail>{unfit}</Detail>}
    </>
  )
}

function Detail({ children }: { readonly children: ReactNode }) {
  return (
    <Box variant="small" display="block">
      {children}
    </Box>
  )
}
