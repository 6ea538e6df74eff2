import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useTexts } from '../../../../i18n/language.tsx'
import { FoldedSection } from '../folded-section.tsx'
import { PlaceAlerts } from '../place-alerts.tsx'
import type { ListFocus } from '../use-list-focus.ts'
import { useWizardForm } from '../wizard-context.ts'
import { changeMember, nextKey, type WizardConfiguration } from '../wizard-draft.ts'
import type { ConfigurationProps } from './configuration-fields.ts'
import { PackageField } from './package-field.tsx'
import { PlatformsEditor } from './platforms-editor.tsx'
import { RunOptionsEditor } from './run-options-editor.tsx'
import { ScriptsEditor } from './scripts-editor.tsx'
import { TargetFields } from './target-fields.tsx'

interface ConfigurationCardProps extends ConfigurationProps {
  readonly focus: ListFocus
}

/** One configuration: target platforms, package and scripts. */
export function ConfigurationCard({ configuration, index, focus }: ConfigurationCardProps) {
  const { configuration: texts } = useTexts().extensionWizard
  const { change } = useWizardForm()
  const { key, platforms } = configuration
  const set = (values: Partial<WizardConfiguration>) =>
    change((now) => ({ ...now, configurations: changeMember(now.configurations, key, values) }))
  const fields = { configuration, index, set }
  return (
    <Container
      header={
        <Header variant="h2" actions={<CardActions configuration={configuration} index={index} focus={focus} />}>
          {texts.title(index + 1)}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <PlaceAlerts place={`configurations.${index}`} />
        <PackageField {...fields} />
        <TargetFields {...fields} />
        <FoldedSection
          title={texts.onlyFor(platforms.length)}
          places={[`configurations.${index}.platforms`]}
          startsOpen={platforms.length > 0}
        >
          <PlaceAlerts place={`configurations.${index}.platforms`} />
          <PlatformsEditor
            place={`configurations.${index}`}
            platforms={platforms}
            onChange={(next) => set({ platforms: next })}
          />
        </FoldedSection>
        <ScriptsEditor {...fields} />
        <RunOptionsEditor {...fields} />
      </SpaceBetween>
    </Container>
  )
}

function CardActions({ configuration, index, focus }: ConfigurationCardProps) {
  const { configuration: texts } = useTexts().extensionWizard
  const { draft, change, uploads } = useWizardForm()
  const duplicate = () => {
    const key = nextKey(draft.configurations)
    change((now) => ({
      ...now,
      configurations: now.configurations.flatMap((one) =>
        one.key === configuration.key ? [one, { ...one, key, pending: undefined }] : [one],
      ),
    }))
    focus.added(key)
  }
  const remove = () => {
    uploads.cancel(configuration.key, configuration.pending)
    change((now) => ({
      ...now,
      configurations: now.configurations.filter(({ key }) => key !== configuration.key),
    }))
    focus.removed()
  }
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <Button formAction="none" ariaLabel={texts.duplicateOne(index + 1)} onClick={duplicate}>
        {texts.duplicate}
      </Button>
      {draft.configurations.length > 1 && (
        <Button formAction="none" ariaLabel={texts.removeOne(index + 1)} onClick={remove}>
          {texts.remove}
        </Button>
      )}
    </SpaceBetween>
  )
}
