import Box from '@cloudscape-design/components/box'
import ColumnLayout from '@cloudscape-design/components/column-layout'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { startingAny } from '../../app/operation/start-permissions.ts'
import { PermittedButton } from '../../app/permitted-button.tsx'
import { useQuery } from '../../data/use-query.ts'
import { useTexts } from '../../i18n/language.tsx'

/** Onboarding for a new account, until the first execution. Highlights the next step. */
export function FirstSteps({ hasInstances }: { readonly hasInstances: boolean }) {
  const { overview } = useTexts()
  const { first } = overview
  const extensions = useQuery('extensions?first', (client) => client.extensions.list({ maxResults: 1 }))
  const hasExtensions = (extensions.data?.items.length ?? 0) > 0
  const steps = [
    {
      ...first.enrol,
      href: '/instances?enrol=true',
      isDone: hasInstances,
      permission: { action: 'chandler:CreateJoinToken', resource: 'join-token/*' },
    },
    {
      ...first.create,
      href: '/extensions/create',
      isDone: hasExtensions,
      permission: { action: 'oos:CreateTemplate', resource: 'template/*' },
    },
    { ...first.install, href: '/batch', isDone: false, permission: startingAny },
  ]
  const next = steps.find(({ isDone }) => !isDone)
  return (
    <Container
      header={
        <Header variant="h2" description={first.detail}>
          {first.title}
        </Header>
      }
    >
      <ColumnLayout columns={3} variant="text-grid" minColumnWidth={200}>
        {steps.map((step) => (
          <SpaceBetween key={step.title} size="xs">
            <Box variant="h3">{step.title}</Box>
            {step.isDone ? (
              <StatusIndicator type="success">{first.done}</StatusIndicator>
            ) : (
              <StatusIndicator type={step === next ? 'info' : 'pending'}>
                {step === next ? first.next : first.later}
              </StatusIndicator>
            )}
            <Box color="text-body-secondary">{step.detail}</Box>
            <PermittedButton
              permission={step.permission}
              href={step.href}
              variant={step === next ? 'primary' : 'normal'}
            >
              {step.button}
            </PermittedButton>
          </SpaceBetween>
        ))}
      </ColumnLayout>
    </Container>
  )
}
