import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { maxConfigurationsPerVersion } from '../../../../../../src/core/limits.ts'
import { useTexts } from '../../../../i18n/language.tsx'
import { PlaceAlerts } from '../place-alerts.tsx'
import { useListFocus } from '../use-list-focus.ts'
import { useWizardForm } from '../wizard-context.ts'
import { makeConfiguration, nextKey } from '../wizard-draft.ts'
import { ConfigurationCard } from './configuration-card.tsx'

export function ConfigurationsStep() {
  const { configuration: texts } = useTexts().extensionWizard
  const { draft, change } = useWizardForm()
  const focus = useListFocus()
  const add = () => {
    const key = nextKey(draft.configurations)
    change((now) => ({ ...now, configurations: [...now.configurations, makeConfiguration(key)] }))
    focus.added(key)
  }
  return (
    <div ref={focus.list}>
      <SpaceBetween size="l">
        <PlaceAlerts place="configurations" />
        {draft.configurations.map((configuration, index) => (
          <div key={configuration.key} data-key={configuration.key}>
            <ConfigurationCard configuration={configuration} index={index} focus={focus} />
          </div>
        ))}
        <Button
          ref={focus.addButton}
          iconName="add-plus"
          formAction="none"
          disabled={draft.configurations.length >= maxConfigurationsPerVersion}
          onClick={add}
        >
          {texts.add}
        </Button>
      </SpaceBetween>
    </div>
  )
}
