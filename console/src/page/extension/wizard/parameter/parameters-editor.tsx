import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { maxParameters } from '../../../../../../src/core/limits.ts'
import { useTexts } from '../../../../i18n/language.tsx'
import { PlaceAlerts } from '../place-alerts.tsx'
import { useListFocus } from '../use-list-focus.ts'
import { useWizardForm } from '../wizard-context.ts'
import { makeParameter, nextKey } from '../wizard-draft.ts'
import { ParameterEditor } from './parameter-editor.tsx'

/** Editor for the parameters that operators set on install. */
export function ParametersEditor() {
  const { parameters: texts } = useTexts().extensionWizard
  const { draft, change } = useWizardForm()
  const focus = useListFocus()
  const add = () => {
    const key = nextKey(draft.parameters)
    change((now) => ({ ...now, parameters: [...now.parameters, makeParameter(key)] }))
    focus.added(key)
  }
  return (
    <Container
      header={
        <Header variant="h2" description={texts.description}>
          {texts.header}
        </Header>
      }
    >
      <div ref={focus.list}>
        <SpaceBetween size="l">
          <PlaceAlerts place="parameters" />
          {draft.parameters.length === 0 && <Box color="text-body-secondary">{texts.empty}</Box>}
          {draft.parameters.map((parameter, index) => (
            <div key={parameter.key} data-key={parameter.key}>
              <ParameterEditor parameter={parameter} index={index} onRemoved={focus.removed} />
            </div>
          ))}
          <Button
            ref={focus.addButton}
            iconName="add-plus"
            formAction="none"
            disabled={draft.parameters.length >= maxParameters}
            onClick={add}
          >
            {texts.add}
          </Button>
        </SpaceBetween>
      </div>
    </Container>
  )
}
