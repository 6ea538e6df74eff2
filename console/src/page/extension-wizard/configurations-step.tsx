import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { maxConfigurationsPerVersion } from '../../../../src/core/limits.ts'
import { useTexts } from '../../i18n/language.tsx'
import { ConfigurationCard } from './configuration-card.tsx'
import { sentence, useWizardForm } from './wizard-context.ts'
import { makeConfiguration, nextKey } from './wizard-draft.ts'

export function ConfigurationsStep() {
  const { configuration: texts } = useTexts().extensionWizard
  const { draft, change, problemsAt } = useWizardForm()
  const add = () =>
    change((now) => ({
      ...now,
      configurations: [...now.configurations, makeConfiguration(nextKey(now.configurations))],
    }))
  return (
    <SpaceBetween size="l">
      {problemsAt('configurations').map(({ message }) => (
        <Alert key={message} type="error">
          {sentence(message)}
        </Alert>
      ))}
      {draft.configurations.map((configuration, index) => (
        <ConfigurationCard key={configuration.key} configuration={configuration} index={index} />
      ))}
      <Button
        iconName="add-plus"
        formAction="none"
        disabled={draft.configurations.length >= maxConfigurationsPerVersion}
        onClick={add}
      >
        {texts.add}
      </Button>
    </SpaceBetween>
  )
}
