import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import ExpandableSection from '@cloudscape-design/components/expandable-section'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useTexts } from '../../i18n/language.tsx'
import { PackageField } from './package-field.tsx'
import { PlatformsEditor } from './platforms-editor.tsx'
import { RunOptionsEditor } from './run-options-editor.tsx'
import { ScriptsEditor } from './scripts-editor.tsx'
import { TargetFields } from './target-fields.tsx'
import { sentence, useWizardForm } from './wizard-context.ts'
import { type ConfigurationDraft, changeMember, nextKey } from './wizard-draft.ts'

export interface ConfigurationProps {
  readonly configuration: ConfigurationDraft
  readonly index: number
}

export interface ConfigurationFieldsProps extends ConfigurationProps {
  readonly set: (change: Partial<ConfigurationDraft>) => void
}

/** One recipe: for which instances, with which package and scripts. */
export function ConfigurationCard({ configuration, index }: ConfigurationProps) {
  const { configuration: texts } = useTexts().extensionWizard
  const { change, problemsAt } = useWizardForm()
  const { key, platforms } = configuration
  const set = (values: Partial<ConfigurationDraft>) =>
    change((now) => ({ ...now, configurations: changeMember(now.configurations, key, values) }))
  const fields = { configuration, index, set }
  return (
    <Container
      header={
        <Header variant="h2" actions={<CardActions configuration={configuration} index={index} />}>
          {texts.title(index + 1)}
        </Header>
      }
    >
      <SpaceBetween size="l">
        {problemsAt(`configurations.${index}`).map(({ message, severity }) => (
          <Alert key={message} type={severity}>
            {sentence(message)}
          </Alert>
        ))}
        <PackageField {...fields} />
        <TargetFields {...fields} />
        <ExpandableSection headerText={texts.onlyFor(platforms.length)} defaultExpanded={platforms.length > 0}>
          <PlatformsEditor
            place={`configurations.${index}`}
            platforms={platforms}
            onChange={(next) => set({ platforms: next })}
          />
        </ExpandableSection>
        <ScriptsEditor {...fields} />
        <RunOptionsEditor {...fields} />
      </SpaceBetween>
    </Container>
  )
}

function CardActions({ configuration, index }: ConfigurationProps) {
  const { configuration: texts } = useTexts().extensionWizard
  const { draft, change, uploads } = useWizardForm()
  const duplicate = () =>
    change((now) => ({
      ...now,
      configurations: now.configurations.flatMap((one) =>
        one.key === configuration.key ? [one, { ...one, key: nextKey(now.configurations), pending: undefined }] : [one],
      ),
    }))
  const remove = () => {
    uploads.cancel(configuration.key, configuration.pending)
    change((now) => ({
      ...now,
      configurations: now.configurations.filter(({ key }) => key !== configuration.key),
    }))
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
