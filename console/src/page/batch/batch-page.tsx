import { useEffect, useRef, useState } from 'react'
import { Page } from '../../app/page.tsx'
import { useTexts } from '../../i18n/language.tsx'
import { useUrlState } from '../../url/use-url-state.ts'
import { batchSchema, emptyUnshared, type UnsharedInput } from './batch-state.ts'
import { ConfirmStep } from './confirm-step.tsx'
import { FormStep } from './form-step.tsx'
import { readBatch } from './make-request.ts'
import { useExtensionChoice } from './use-extension-choice.ts'
import './batch.css'

const none = {}

/** Says what is to be done where and how carefully, shows what that means for each instance, and begins it. */
export function BatchPage() {
  const { shell, batch: texts } = useTexts()
  const [state, change] = useUrlState(batchSchema)
  const [unshared, setUnshared] = useState(emptyUnshared)
  const [isTried, setIsTried] = useState(false)
  const choice = useExtensionChoice(state)
  const { chosen } = choice
  const version = chosen && 'version' in chosen ? chosen.version : undefined
  const declarations = version?.parameters ?? none
  const batch = readBatch(state, unshared, { version: version?.version, declarations })
  useFocusOfStep(state.step)

  const form = {
    state,
    change,
    unshared,
    changeUnshared: (values: Partial<UnsharedInput>) => setUnshared((before) => ({ ...before, ...values })),
    choice,
    declarations,
    batch,
    isTried,
  }
  const isConfirm = state.step === 'confirm'
  return (
    <Page
      key={state.step}
      title={isConfirm ? texts.confirm.title : shell.navigation.batch}
      description={isConfirm ? texts.confirm.description : texts.description}
      above={isConfirm ? [{ text: shell.navigation.batch, href: '/batch' }] : []}
    >
      {isConfirm ? (
        <ConfirmStep form={form} onBack={() => change({ step: 'form' })} />
      ) : (
        <FormStep
          form={form}
          onNext={() => {
            setIsTried(true)
            // A step of the history: Back of the browser returns to the form, too.
            if (batch.request) change({ step: 'confirm' }, { push: true })
          }}
        />
      )}
    </Page>
  )
}

/** Whoever goes from one step to the other is told so, as if it were another page. */
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
