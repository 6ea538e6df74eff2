import Button from '@cloudscape-design/components/button'
import Form from '@cloudscape-design/components/form'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useEffect, useRef, useState } from 'react'
import { useTexts } from '../../i18n/language.tsx'
import type { BatchForm } from './batch-form.ts'
import { OperationCard } from './operation/operation-card.tsx'
import { ParametersCard } from './operation/parameters-card.tsx'
import { RateCard } from './rate/rate-card.tsx'
import { TargetsCard } from './targets/targets-card.tsx'

export function FormStep({ form, onNext }: { readonly form: BatchForm; readonly onNext: () => void }) {
  const { batch: texts, data } = useTexts()
  const [tries, setTries] = useState(0)
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (tries === 0 || !place.current) return
    const field = place.current.querySelector<HTMLElement>('[aria-invalid="true"]')
    if (field) field.focus()
    else place.current.querySelector('.batch-error')?.scrollIntoView({ block: 'center' })
  }, [tries])
  // While versions load, a valid extension would be reported as an error.
  const isLoadingFirst =
    form.state.action !== 'upgradeAgents' && form.choice.isLoadingVersions && form.choice.versions === undefined
  const takesParameters = form.state.action === 'install' || form.state.action === 'update'
  const goOn = () => {
    setTries(tries + 1)
    onNext()
  }
  return (
    // Not a <form>: Enter in the table search must not submit incomplete input.
    <div ref={place}>
      <Form
        errorText={form.isTried && !form.batch.request ? texts.mistakes : undefined}
        actions={
          <SpaceBetween size="xs" direction="horizontal">
            <Button href="/executions" variant="link">
              {data.cancel}
            </Button>
            <Button variant="primary" loading={isLoadingFirst} onClick={goOn}>
              {texts.next}
            </Button>
          </SpaceBetween>
        }
      >
        <SpaceBetween size="l">
          <OperationCard form={form} />
          {takesParameters && <ParametersCard form={form} />}
          <TargetsCard form={form} />
          <RateCard form={form} />
        </SpaceBetween>
      </Form>
    </div>
  )
}
