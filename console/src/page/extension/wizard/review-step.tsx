import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import type { ReactNode } from 'react'
import { useTexts } from '../../../i18n/language.tsx'
import { showPlatforms } from './configuration/show-platforms.ts'
import type { WizardStep } from './place-problems.ts'
import { parseList } from './render-request.ts'
import { ReviewConfiguration } from './review-configuration.tsx'
import type { Problems } from './use-problems.ts'
import { useWizardForm } from './wizard-context.ts'

export function ReviewStep({
  problems,
  onEdit,
}: {
  readonly problems: Problems
  readonly onEdit: (step: WizardStep) => void
}) {
  const { review: texts, configuration: names } = useTexts().extensionWizard
  const { draft } = useWizardForm()
  return (
    <SpaceBetween size="l">
      <Verdict problems={problems} />
      <Section title={texts.basic} onEdit={() => onEdit('basic')}>
        <BasicReview />
      </Section>
      {draft.configurations.map((configuration, index) => (
        <Section key={configuration.key} title={names.title(index + 1)} onEdit={() => onEdit('configurations')}>
          <ReviewConfiguration configuration={configuration} />
        </Section>
      ))}
    </SpaceBetween>
  )
}

function Section({
  title,
  onEdit,
  children,
}: {
  readonly title: string
  readonly onEdit: () => void
  readonly children: ReactNode
}) {
  const { review: texts } = useTexts().extensionWizard
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <Button formAction="none" ariaLabel={`${texts.edit}: ${title}`} onClick={onEdit}>
              {texts.edit}
            </Button>
          }
        >
          {title}
        </Header>
      }
    >
      {children}
    </Container>
  )
}

function Verdict({ problems }: { readonly problems: Problems }) {
  const { review: texts, steps } = useTexts().extensionWizard
  if (problems.error) return null
  if (!problems.isCurrent) return <StatusIndicator type="loading">{steps.checking}</StatusIndicator>
  const found = [...problems.all.values()].flat()
  const errors = found.filter(({ severity }) => severity === 'error').length
  const warnings = found.length - errors
  if (errors > 0) return <Alert type="error">{texts.errors(errors)}</Alert>
  if (warnings > 0) return <Alert type="warning">{texts.warnings(warnings)}</Alert>
  return <Alert type="success">{texts.allWell}</Alert>
}

function BasicReview() {
  const { extensionWizard, data } = useTexts()
  const { basic, scope, parameters, review: texts } = extensionWizard
  const { draft } = useWizardForm()
  const families = parseList(draft.instanceFamilies)
  const images: Partial<Record<string, string>> = scope.images
  const imageTypes = draft.imageTypes.map((type) => images[type] ?? type)
  return (
    <KeyValuePairs
      columns={3}
      items={[
        { label: basic.name, value: draft.name || data.none },
        { label: basic.type, value: basic.types[draft.type] },
        { label: basic.description, value: draft.description || data.none },
        { label: basic.versionDescription, value: draft.versionDescription || data.none },
        { label: scope.instanceFamilies, value: families.join(', ') || texts.anywhere },
        { label: scope.imageTypes, value: imageTypes.join(', ') || texts.anywhere },
        { label: scope.platforms, value: showPlatforms(draft.platforms) || texts.anywhere },
        {
          label: parameters.header,
          value:
            draft.parameters.length === 0 ? (
              texts.noParameters
            ) : (
              <SpaceBetween size="xxs">
                {draft.parameters.map(({ key, name, type, isRequired, defaultText, noEcho }, index) => (
                  <div key={key}>
                    <Box variant="code">{name || parameters.one(index + 1)}</Box>{' '}
                    {[
                      parameters.types[type],
                      noEcho && texts.secret,
                      isRequired ? texts.required : texts.defaultIs(defaultText === '' ? '""' : defaultText),
                    ]
                      .filter(Boolean)
                      .join(', ')}
                  </div>
                ))}
              </SpaceBetween>
            ),
        },
      ]}
    />
  )
}
