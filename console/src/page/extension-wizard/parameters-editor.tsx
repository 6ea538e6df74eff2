import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { maxParameters } from '../../../../src/core/limits.ts'
import { useTexts } from '../../i18n/language.tsx'
import { ParameterEditor } from './parameter-editor.tsx'
import { useFieldProblems, useWizardForm } from './wizard-context.ts'
import { makeParameter, nextKey } from './wizard-draft.ts'

/** What is asked of whoever installs the extension. */
export function ParametersEditor() {
  const { parameters: texts } = useTexts().extensionWizard
  const { draft, change } = useWizardForm()
  const { errorText } = useFieldProblems()('parameters')
  return (
    <Container
      header={
        <Header variant="h2" description={texts.description}>
          {texts.header}
        </Header>
      }
    >
      <SpaceBetween size="l">
        {draft.parameters.length === 0 && <Box color="text-body-secondary">{texts.empty}</Box>}
        {draft.parameters.map((parameter, index) => (
          <ParameterEditor key={parameter.key} parameter={parameter} index={index} />
        ))}
        {errorText && <Box color="text-status-error">{errorText}</Box>}
        <Button
          iconName="add-plus"
          formAction="none"
          disabled={draft.parameters.length >= maxParameters}
          onClick={() =>
            change((now) => ({ ...now, parameters: [...now.parameters, makeParameter(nextKey(now.parameters))] }))
          }
        >
          {texts.add}
        </Button>
      </SpaceBetween>
    </Container>
  )
}
