import { useState } from 'react'
import type { AssignmentView } from '../../../../src/protocol/api/assignment/assignments.ts'
import { ConfirmDialog } from '../../app/dialog/confirm-dialog.tsx'
import { PermittedButton } from '../../app/permitted-button.tsx'
import { useTexts } from '../../i18n/language.tsx'
import { Buttons } from '../access/buttons.tsx'

type Control = 'halt' | 'resume' | 'delete'

/** Halts, resumes and deletes the selected assignment, after a confirmation. */
export function AssignmentActions({ assignment }: { readonly assignment: AssignmentView | undefined }) {
  const { assignments: texts } = useTexts()
  const [asked, setAsked] = useState<Control>()
  const name = assignment?.name ?? ''
  const needed = (action: string) => (assignment ? { action, resource: `assignment/${name}` } : undefined)
  const dialogs = {
    halt: { title: texts.haltTitle(name), detail: texts.haltDetail, submit: texts.halt, done: texts.halted(name) },
    resume: {
      title: texts.resumeTitle(name),
      detail: texts.resumeDetail,
      submit: texts.resume,
      done: texts.resumed(name),
    },
    delete: {
      title: texts.deleteTitle(name),
      detail: texts.deleteDetail,
      submit: texts.delete,
      done: texts.deleted(name),
    },
  } as const
  return (
    <Buttons>
      <PermittedButton
        permission={needed('oos:UpdateStateConfiguration')}
        disabled={!assignment || assignment.state === 'halted'}
        onClick={() => setAsked('halt')}
      >
        {texts.halt}
      </PermittedButton>
      <PermittedButton
        permission={needed('oos:UpdateStateConfiguration')}
        disabled={assignment?.state !== 'halted'}
        onClick={() => setAsked('resume')}
      >
        {texts.resume}
      </PermittedButton>
      <PermittedButton
        permission={needed('oos:DeleteStateConfigurations')}
        disabled={!assignment}
        onClick={() => setAsked('delete')}
      >
        {texts.delete}
      </PermittedButton>
      {asked && assignment && (
        <ConfirmDialog
          {...dialogs[asked]}
          act={(client) => client.assignments[asked](name)}
          refreshes={['executions/assignments']}
          onClose={() => setAsked(undefined)}
        />
      )}
    </Buttons>
  )
}
