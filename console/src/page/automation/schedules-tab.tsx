import Box from '@cloudscape-design/components/box'
import Link from '@cloudscape-design/components/link'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import type { ScheduleView } from '../../../../src/protocol/api/automation/schedules.ts'
import { ConfirmDialog } from '../../app/dialog/confirm-dialog.tsx'
import { useFlashes } from '../../app/flashes.tsx'
import { PermittedButton } from '../../app/permitted-button.tsx'
import { ProblemAlert } from '../../app/problem-alert.tsx'
import { When } from '../../app/when.tsx'
import { useAction } from '../../data/use-action.ts'
import { useQuery } from '../../data/use-query.ts'
import { useTexts } from '../../i18n/language.tsx'
import { Agenda } from './agenda.tsx'
import { AutomationTable } from './automation-table.tsx'

/** Schedules, with a calendar of their next starts and of freezes. */
export function SchedulesTab() {
  const { automation } = useTexts()
  const { schedules: texts, column } = automation
  const query = useQuery('automation/schedules', (client) => client.schedules.list())
  const flashes = useFlashes()
  const [deleted, setDeleted] = useState<ScheduleView>()
  const action = useAction(
    async (client, { name, control }: { name: string; control: 'pause' | 'resume' | 'run' }) => {
      await client.schedules[control](name)
      return control
    },
    ['automation/', 'executions'],
  )
  const perform = async (name: string, control: 'pause' | 'resume' | 'run') => {
    if (await action.run({ name, control })) flashes.success(texts.done[control](name))
  }
  const permissionOf = (schedule: ScheduleView | undefined, name: string) =>
    schedule && { action: `chandler:${name}Schedule`, resource: `schedule/${schedule.name}` }
  return (
    <SpaceBetween size="l">
      {action.error && <ProblemAlert error={action.error} />}
      <AutomationTable
        title={automation.tabs.schedules}
        description={texts.description}
        query={query}
        idOf={({ name }) => name}
        empty={{ title: texts.empty, detail: texts.emptyDetail }}
        actions={(schedule) => (
          <SpaceBetween direction="horizontal" size="xs">
            <PermittedButton
              permission={permissionOf(schedule, 'Delete')}
              disabled={!schedule}
              onClick={() => setDeleted(schedule)}
            >
              {texts.delete}
            </PermittedButton>
            <PermittedButton
              permission={permissionOf(schedule, schedule?.paused ? 'Resume' : 'Pause')}
              disabled={!schedule}
              onClick={() => schedule && void perform(schedule.name, schedule.paused ? 'resume' : 'pause')}
            >
              {schedule?.paused ? texts.resume : texts.pause}
            </PermittedButton>
            <PermittedButton
              permission={permissionOf(schedule, 'Run')}
              disabled={!schedule}
              loading={action.isRunning}
              onClick={() => schedule && void perform(schedule.name, 'run')}
            >
              {texts.run}
            </PermittedButton>
          </SpaceBetween>
        )}
        columns={[
          { id: 'name', header: column.name, cell: ({ name }) => name },
          {
            id: 'times',
            header: column.times,
            minWidth: 150,
            cell: ({ cron, timeZone }) => (
              <>
                <Box variant="code">{cron}</Box>
                <Box variant="small" display="block">
                  {timeZone}
                </Box>
              </>
            ),
          },
          { id: 'starts', header: column.starts, minWidth: 150, cell: ({ operation }) => operation },
          { id: 'targets', header: column.targets, cell: ({ targets }) => targets },
          {
            id: 'next',
            header: column.next,
            cell: ({ paused, waiting, upcoming: [next] }) =>
              paused ? texts.paused : waiting ? texts.waiting : <When at={next} absent={texts.never} />,
          },
          {
            id: 'last',
            header: column.last,
            minWidth: 150,
            cell: ({ lastOutcome, lastAt, lastFailure, lastExecutionId }) =>
              lastOutcome && (
                <>
                  {lastOutcome === 'started' && lastExecutionId !== undefined ? (
                    <Link href={`/executions/${lastExecutionId}`}>{texts.outcomes[lastOutcome]}</Link>
                  ) : (
                    texts.outcomes[lastOutcome]
                  )}{' '}
                  <When at={lastAt} />
                  {lastFailure && (
                    <Box variant="small" display="block">
                      {lastFailure.message}
                    </Box>
                  )}
                </>
              ),
          },
        ]}
      />
      {query.data && <Agenda schedules={query.data.items} />}
      {deleted && (
        <ConfirmDialog
          title={texts.deleteTitle(deleted.name)}
          detail={texts.deleteDetail}
          submit={texts.delete}
          done={texts.deleted(deleted.name)}
          act={(client) => client.schedules.delete(deleted.name)}
          refreshes={['automation/']}
          onClose={() => setDeleted(undefined)}
        />
      )}
    </SpaceBetween>
  )
}
