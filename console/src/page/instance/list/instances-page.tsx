import type { ButtonProps } from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useEffect, useRef } from 'react'
import { Page } from '../../../app/page.tsx'
import { ProblemAlert } from '../../../app/problem-alert.tsx'
import { useTexts } from '../../../i18n/language.tsx'
import { useUrlState } from '../../../url/use-url-state.ts'
import { EnrolDialog } from '../enrol/enrol-dialog.tsx'
import { instancesSchema } from './instances-state.ts'
import { InstancesTable } from './instances-table.tsx'
import { useInstances } from './use-instances.ts'
import { useTableChoices } from './use-table-choices.ts'
import './instances.css'
import { PermittedButton } from '../../../app/permitted-button.tsx'

/** Managed servers: search, selection for a batch, and enrolment. */
export function InstancesPage() {
  const { shell, instances } = useTexts()
  const [state, change] = useUrlState(instancesSchema)
  const [choices, setChoices] = useTableChoices()
  const list = useInstances(state, choices.pageSize)
  const enrolButton = useRef<ButtonProps.Ref>(null)
  const { query, page } = list
  const isLinked = state.status !== ''
  useEffect(() => {
    if (isLinked) change({ filter: query.filter, status: '' })
  }, [isLinked, query.filter, change])
  const enrol = () => change({ enrol: 'true' })
  return (
    <Page
      title={shell.navigation.instances}
      description={instances.description}
      actions={
        <PermittedButton
          permission={{ action: 'chandler:CreateJoinToken', resource: 'join-token/*' }}
          ref={enrolButton}
          variant="primary"
          onClick={enrol}
        >
          {instances.enrol}
        </PermittedButton>
      }
    >
      <SpaceBetween size="m">
        <ProblemAlert error={page.error} onRetry={page.refresh} />
        <InstancesTable
          state={state}
          change={change}
          list={list}
          choices={choices}
          onChoose={setChoices}
          onEnrol={enrol}
        />
      </SpaceBetween>
      {state.enrol === 'true' && (
        <EnrolDialog
          onClose={() => {
            change({ enrol: '' })
            enrolButton.current?.focus()
          }}
        />
      )}
    </Page>
  )
}
