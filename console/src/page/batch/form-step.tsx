import Button from '@cloudscape-design/components/button'
import Form from '@cloudscape-design/components/form'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { type SubmitEvent, useEffect, useRef, useState } from 'react'
import { useTexts } from '../../i18n/language.tsx'
import type { BatchForm } from './batch-form.ts'
import { OperationCard } from './operation-card.tsx'
import { ParametersCard } from './parameters-card.tsx'
import { RateCard } from './rate-card.tsx'
import { TargetsCard } from './targets-card.tsx'

export function FormStep({ form, onNext }: { readonly form: BatchForm; readonly onNext: () => void }) {
  const { batch: texts, data } = useTexts()
  const [tries, setTries] = useState(0)
  const place = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (tries > 0) place.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [tries])
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    setTries(tries + 1)
    onNext()
  }
  return (
    <form ref={place} onSubmit={submit} noValidate>
      <Form
        errorText={form.isTried && !form.batch.request ? texts.mistakes : undefined}
        actions={
          <SpaceBetween size="xs" direction="horizontal">
            <Button href="/executions" variant="link">
              {data.cancel}
            </Button>
            <Button variant="primary" formAction="submit">
              {texts.next}
            </Button>
          </SpaceBetween>
        }
      >
        <SpaceBetween size="l">
          <OperationCard form={form} />
          {form.state.action !== 'uninstall' && <ParametersCard form={form} />}
          <TargetsCard form={form} />
          <RateCard form={form} />
        </SpaceBetween>
      </Form>
    </form>
  )
}
