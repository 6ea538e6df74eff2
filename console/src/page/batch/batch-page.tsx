import Alert from '@cloudscape-design/components/alert'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useCallback, useEffect, useRef, useState } from 'react'
import { useSearch } from 'wouter'
import { Page } from '../../app/page.tsx'
import { ProblemAlert } from '../../app/problem-alert.tsx'
import { useTexts } from '../../i18n/language.tsx'
import { useUrlState, writeUrlState } from '../../url/use-url-state.ts'
import { batchPageSchema, emptyUnshared, type UnsharedInput } from './batch-state.ts'
import { ConfirmStep } from './confirm-step.tsx'
import { FormStep } from './form-step.tsx'
import { readBatch } from './make-request.ts'
import { useExtensionChoice } from './operation/use-extension-choice.ts'
import { useRepeat } from './use-repeat.ts'
import './batch.css'

const none = {}

/**
 * Asks for operation, targets and rate, shows the plan for each instance, and starts the execution.
 */
export function BatchPage() {
  const { shell, batch: texts } = useTexts()
  const [state, change] = useUrlState(batchPageSchema)
  const [unshared, setUnshared] = useState(emptyUnshared)
  const [isTried, setIsTried] = useState(false)
  const choice = useExtensionChoice(state)
  const { chosen } = choice
  const version = chosen && 'version' in chosen ? chosen.version : undefined
  const declarations = version?.parameters ?? none
  const batch = readBatch(state, unshared, { version: version?.version, declarations })
  const changeUnshared = useCallback(
    (values: Partial<UnsharedInput>) => setUnshared((before) => ({ ...before, ...values })),
    [],
  )
  const repeat = useRepeat(state.again, change, changeUnshared)
  useFocusOfStep(state.step)

  const form = {
    state,
    change,
    unshared,
    changeUnshared,
    choice,
    declarations,
    batch,
    isTried,
  }
  const isConfirm = state.step === 'confirm'
  const formSearch = writeUrlState(batchPageSchema, useSearch(), { step: 'form' })
  return (
    <Page
      key={state.step}
      title={isConfirm ? texts.confirm.title : shell.navigation.batch}
      description={isConfirm ? texts.confirm.description : texts.description}
      above={isConfirm ? [{ text: shell.navigation.batch, href: `/batch?${formSearch}` }] : []}
    >
      <SpaceBetween size="l">
        <ProblemAlert error={repeat.error} />
        {repeat.isOtherKind && <Alert type="info">{texts.otherKind}</Alert>}
        {repeat.secrets.length > 0 && !isConfirm && (
          <Alert type="info">{texts.withoutSecrets(repeat.secrets.join(', '))}</Alert>
        )}
        {isConfirm ? (
          <ConfirmStep form={form} onBack={() => change({ step: 'form' })} />
        ) : (
          <FormStep
            form={form}
            onNext={() => {
              setIsTried(true)
              // A history entry, so that the browser's Back returns to the form.
              if (batch.request) change({ step: 'confirm' }, { push: true })
            }}
          />
        )}
      </SpaceBetween>
    </Page>
  )
}

/** Moves the focus as on a page change, so that screen readers announce the step. */
function useFocusOfStep(step: string): void {
  const shown = useRef(step)
  useEffect(() => {
    if (shown.current === step) return
    shown.current = step
    const heading = document.querySelector<HTMLElement>('main h1')
    if (heading) heading.tabIndex = -1
    heading?.focus({ preventScroll: true })
    scrollTo({ top: 0 })
  }, [step])
}
