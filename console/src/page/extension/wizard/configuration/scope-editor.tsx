import ColumnLayout from '@cloudscape-design/components/column-layout'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import Multiselect from '@cloudscape-design/components/multiselect'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useTexts } from '../../../../i18n/language.tsx'
import { PlaceAlerts } from '../place-alerts.tsx'
import { useFieldProblems, useWizardForm } from '../wizard-context.ts'
import { PlatformsEditor } from './platforms-editor.tsx'

const imageTypes = ['system', 'self', 'others', 'marketplace'] as const

/** Editor for the supported scope. */
export function ScopeEditor() {
  const { scope: texts } = useTexts().extensionWizard
  const { draft, change } = useWizardForm()
  const problemsOf = useFieldProblems()
  // A version may contain other values or patterns: they are kept unchanged.
  const others = draft.imageTypes.filter((type) => !imageTypes.some((known) => known === type))
  const options = [
    ...imageTypes.map((value) => ({ value: value as string, label: texts.images[value] })),
    ...others.map((value) => ({ value, label: value })),
  ]
  return (
    <Container
      header={
        <Header variant="h2" description={texts.description}>
          {texts.header}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <PlaceAlerts place="scope" />
        <ColumnLayout columns={2}>
          <FormField
            label={texts.instanceFamilies}
            constraintText={texts.instanceFamiliesConstraint}
            {...problemsOf('scope.instanceFamilies')}
          >
            <Input
              value={draft.instanceFamilies}
              spellcheck={false}
              onChange={({ detail }) => change((now) => ({ ...now, instanceFamilies: detail.value }))}
            />
          </FormField>
          <FormField label={texts.imageTypes} {...problemsOf('scope.imageTypes')}>
            <Multiselect
              placeholder={texts.imageTypesPlaceholder}
              options={options}
              selectedOptions={options.filter(({ value }) => draft.imageTypes.includes(value))}
              onChange={({ detail }) =>
                change((now) => ({ ...now, imageTypes: detail.selectedOptions.map(({ value = '' }) => value) }))
              }
            />
          </FormField>
        </ColumnLayout>
        <FormField label={texts.platforms} stretch {...problemsOf('scope.platforms')}>
          <PlatformsEditor
            place="scope"
            platforms={draft.platforms}
            onChange={(platforms) => change((now) => ({ ...now, platforms }))}
          />
        </FormField>
      </SpaceBetween>
    </Container>
  )
}
