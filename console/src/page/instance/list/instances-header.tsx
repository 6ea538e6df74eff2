import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { startingOn, upgradingAgents } from '../../../app/operation/start-permissions.ts'
import { PermittedButton } from '../../../app/permitted-button.tsx'
import { ProblemAlert } from '../../../app/problem-alert.tsx'
import { loadAll } from '../../../data/load-all.ts'
import { useAction } from '../../../data/use-action.ts'
import { useFormat, useTexts } from '../../../i18n/language.tsx'
import { maxChosen } from '../../batch/batch-state.ts'
import { renderBatchAddress } from '../extensions/render-batch-address.ts'
import { type ChangeInstances, type InstancesState, renderCsvAddress } from './instances-state.ts'
import type { Instances } from './use-instances.ts'

/** Counts, selection and actions. */
export function InstancesHeader({
  state,
  change,
  list,
}: {
  readonly state: InstancesState
  readonly change: ChangeInstances
  readonly list: Instances
}) {
  const { shell, instances } = useTexts()
  const format = useFormat()
  const { total, query, request, problem } = list
  const { selected } = state
  const isNone = selected.length === 0
  const chooseAll = useAction(async (client) => {
    const found = await loadAll((page) => client.instances.list({ ...page, ...request }), maxChosen)
    change({ selected: [...new Set([...selected, ...found.map(({ id }) => id)])].slice(0, maxChosen) })
  })
  const canChooseAll = total?.isExact && total.count > 0 && total.count <= maxChosen
  return (
    <SpaceBetween size="xs">
      <Header
        variant="h2"
        counter={total && instances.count(format.number(total.count), total.isExact)}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button
              iconName="download"
              disabled={problem !== undefined}
              href={renderCsvAddress(query)}
              download
              target="_self"
            >
              {instances.exportCsv}
            </Button>
            <PermittedButton
              permission={upgradingAgents(selected)}
              disabled={isNone}
              href={renderBatchAddress({ action: 'upgradeAgents', control: 'Batch', instances: selected })}
            >
              {instances.upgradeAgents}
            </PermittedButton>
            <PermittedButton
              permission={startingOn(selected)}
              disabled={isNone}
              href={renderBatchAddress({ action: 'uninstall', instances: selected })}
            >
              {instances.uninstall}
            </PermittedButton>
            <PermittedButton
              permission={startingOn(selected)}
              disabled={isNone}
              href={renderBatchAddress({ action: 'install', instances: selected })}
            >
              {instances.install}
            </PermittedButton>
          </SpaceBetween>
        }
      >
        {shell.navigation.instances}
      </Header>
      <Box color="text-body-secondary">
        <SpaceBetween direction="horizontal" size="xs" alignItems="center">
          <span role="status">{isNone ? instances.noneSelected : instances.selected(selected.length)}</span>
          {canChooseAll && (
            <Button variant="inline-link" loading={chooseAll.isRunning} onClick={() => void chooseAll.run(undefined)}>
              {instances.selectAll(total.count)}
            </Button>
          )}
          {!isNone && (
            <Button variant="inline-link" onClick={() => change({ selected: [] })}>
              {instances.clearSelection}
            </Button>
          )}
        </SpaceBetween>
      </Box>
      {selected.length >= maxChosen && <Box color="text-status-warning">{instances.selectionFull(maxChosen)}</Box>}
      <ProblemAlert error={chooseAll.error} />
    </SpaceBetween>
  )
}
