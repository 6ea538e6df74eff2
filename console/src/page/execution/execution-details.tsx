import Box from '@cloudscape-design/components/box'
import Container from '@cloudscape-design/components/container'
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard'
import ExpandableSection from '@cloudscape-design/components/expandable-section'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import Link from '@cloudscape-design/components/link'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import type { RebootOptions } from '../../../../src/core/execution/operation.ts'
import type { ExecutionView } from '../../../../src/protocol/api/executions.ts'
import { operationPage, shownScript } from '../../app/operation/operation-kinds.ts'
import { ParameterValueList } from '../../app/plan/parameter-values.tsx'
import { When } from '../../app/when.tsx'
import { useFormat, useTexts } from '../../i18n/language.tsx'
import { type BatchOption, batchOptions } from '../batch/batch-state.ts'
import { OptionList } from '../batch/option-list.tsx'
import { TaskStatusIndicator } from './tasks/task-status-indicator.tsx'

/** The request, frozen at the start. */
export function ExecutionDetails({ execution }: { readonly execution: ExecutionView }) {
  const { batch, data, executions } = useTexts()
  const { details } = executions
  const { id, operation, mode, rateControl, tags, resourceGroup, description } = execution
  const script = shownScript(operation)
  return (
    <SpaceBetween size="l">
      <Container>
        <SpaceBetween size="m">
          <KeyValuePairs
            columns={3}
            minColumnWidth={200}
            items={[
              { label: details.operation, value: <OperationValue execution={execution} /> },
              { label: details.targets, value: <Targets execution={execution} /> },
              { label: details.parameters, value: <ParameterValueList values={execution.parameters} /> },
              { label: batch.confirm.options, value: <Options execution={execution} /> },
              { label: details.mode, value: details.modes[mode] },
              { label: details.pause, value: details.pauses[rateControl.batchPause] },
              ...(rateControl.gates
                ? [
                    {
                      label: details.gates,
                      value: (
                        <>
                          {rateControl.gates.map((gate) => (
                            <div key={gate}>
                              <code>{gate}</code>
                            </div>
                          ))}
                          {details.gateFailures[rateControl.onGateFailure ?? 'pause']}
                        </>
                      ),
                    },
                  ]
                : []),
              ...(execution.decisions
                ? [{ label: details.decisions, value: <Decisions decisions={execution.decisions} /> }]
                : []),
              { label: details.description, value: description === '' ? data.none : description },
              {
                label: details.tags,
                value:
                  Object.entries(tags)
                    .map(([key, value]) => `${key}=${value}`)
                    .join(', ') || data.none,
              },
              { label: details.group, value: resourceGroup === '' ? data.none : resourceGroup },
              { label: details.id, value: <Copyable text={id} name={details.copyId} /> },
              {
                label: details.cli,
                value: <Copyable text={`chandler execution show ${id} --follow`} name={data.copy} />,
              },
            ]}
          />
          {script !== undefined && (
            <ExpandableSection headerText={details.script}>
              <pre className="last-lines">{script}</pre>
            </ExpandableSection>
          )}
        </SpaceBetween>
      </Container>
      <Reasons execution={execution} />
    </SpaceBetween>
  )
}

function Decisions({ decisions }: { readonly decisions: NonNullable<ExecutionView['decisions']> }) {
  const { details } = useTexts().executions
  return decisions.map(({ batch, user, approves, comment, at }, index) => (
    <div key={index}>
      {approves ? details.approved(user, batch + 1) : details.rejected(user, batch + 1)} · <When at={at} />
      {comment !== undefined && (
        <Box color="text-body-secondary" fontSize="body-s">
          {comment}
        </Box>
      )}
    </div>
  ))
}

function OperationValue({ execution: { operation } }: { readonly execution: ExecutionView }) {
  const { nameOperation } = useTexts().executions
  const page = operationPage(operation)
  return page === undefined ? nameOperation(operation) : <Link href={page}>{nameOperation(operation)}</Link>
}

function Options({ execution: { operation, strict, skipOffline } }: { readonly execution: ExecutionView }) {
  const { data } = useTexts()
  const isOn: Partial<Record<BatchOption, unknown>> & Pick<RebootOptions, 'rebootTimeoutMs'> = {
    ...operation,
    strict,
    skipOffline,
  }
  const shown = batchOptions.filter((option) => isOn[option])
  if (shown.length === 0) return data.none
  return <OptionList options={shown} rebootTimeoutMs={isOn.rebootTimeoutMs} />
}

function Targets({ execution: { targets } }: { readonly execution: ExecutionView }) {
  const { targetKinds } = useTexts().executions.details
  switch (targets.kind) {
    case 'all':
      return targetKinds.all
    case 'ids':
      return targetKinds.ids(targets.ids.length)
    case 'names':
      return targetKinds.names(targets.names.length)
    case 'tags':
      return targetKinds.tags(
        Object.entries(targets.tags)
          .map(([key, value]) => `${key}=${value}`)
          .join(', '),
      )
    case 'group':
      return targetKinds.group(targets.group)
    case 'savedGroup':
      return targetKinds.savedGroup(targets.name)
    case 'filter':
      return targetKinds.filter(targets.filter)
  }
}

function Copyable({ text, name }: { readonly text: string; readonly name: string }) {
  const { data } = useTexts()
  return (
    <CopyToClipboard
      variant="inline"
      textToDisplay={text}
      textToCopy={text}
      copyButtonAriaLabel={name}
      copySuccessText={data.copied}
      copyErrorText={data.copyFailed}
    />
  )
}

function Reasons({ execution: { id, reasons } }: { readonly execution: ExecutionView }) {
  const { executions } = useTexts()
  const format = useFormat()
  const { reasons: title, reasonColumns } = executions.details
  return (
    <Table
      variant="container"
      header={<Header variant="h2">{title}</Header>}
      ariaLabels={{ tableLabel: title }}
      items={reasons.filter(({ count }) => count > 0).toSorted((one, other) => other.count - one.count)}
      trackBy={({ status, reasonCode }) => `${status} ${reasonCode}`}
      empty={<Box textAlign="center">{executions.tasks.empty}</Box>}
      columnDefinitions={[
        { id: 'status', header: reasonColumns.status, cell: ({ status }) => <TaskStatusIndicator status={status} /> },
        {
          id: 'reason',
          header: reasonColumns.reason,
          isRowHeader: true,
          cell: ({ status, reasonCode }) => (
            <Link href={`/executions/${id}?status=${status}&reason=${reasonCode}`}>
              {executions.taskReason[reasonCode]}
            </Link>
          ),
        },
        { id: 'count', header: reasonColumns.count, cell: ({ count }) => format.number(count) },
      ]}
    />
  )
}
