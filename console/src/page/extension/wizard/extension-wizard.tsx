import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Wizard from '@cloudscape-design/components/wizard'
import { useLocation } from 'wouter'
import { useLeaveConfirmation } from '../../../app/dialog/leave-confirmation.ts'
import { useFlashes } from '../../../app/flashes.tsx'
import { ProblemAlert } from '../../../app/problem-alert.tsx'
import { useAction } from '../../../data/use-action.ts'
import { useTexts } from '../../../i18n/language.tsx'
import { choiceParameter, useUrlState } from '../../../url/use-url-state.ts'
import { BasicStep } from './basic-step.tsx'
import { acceptArtifact } from './configuration/accept-artifact.ts'
import { ConfigurationsStep } from './configuration/configurations-step.tsx'
import { LeaveDialog } from './leave-dialog.tsx'
import { type WizardStep, wizardSteps } from './place-problems.ts'
import { RefusalAlert } from './refusal-alert.tsx'
import { renderExtensionRequest, renderVersionRequest } from './render-request.ts'
import { ReviewStep } from './review-step.tsx'
import { useDraft } from './use-draft.ts'
import { useProblems } from './use-problems.ts'
import { useUploads } from './use-uploads.ts'
import { useWizardSteps } from './use-wizard-steps.ts'
import { WizardFormProvider } from './wizard-context.ts'
import { changeMember, type WizardDraft } from './wizard-draft.ts'

const address = { step: choiceParameter(wizardSteps, 'basic') }

export interface ExtensionWizardProps {
  /** Identifies the draft. */
  readonly name: string
  readonly makeInitial: () => WizardDraft
  /** The current version; undefined for a new extension. */
  readonly newestVersion?: string
  /** Target of Cancel. */
  readonly cancelHref: string
}

export function ExtensionWizard({ name, makeInitial, newestVersion, cancelHref }: ExtensionWizardProps) {
  const { extensionWizard: texts, data } = useTexts()
  const [, navigate] = useLocation()
  const flashes = useFlashes()
  const [{ step }, setAddress] = useUrlState(address)
  const kept = useDraft(name, makeInitial)
  const { draft, change } = kept
  const isNew = draft.base === undefined
  const uploads = useUploads({
    onPending: (key, pending) =>
      change((now) => ({
        ...now,
        configurations: changeMember(now.configurations, key, { pending, artifact: undefined }),
      })),
    onArrived: (key, artifact) => change((now) => acceptArtifact(now, key, artifact)),
  })
  const stopUploads = () => {
    for (const { key, pending } of draft.configurations) uploads.cancel(key, pending)
  }
  const startOver = () => {
    stopUploads()
    kept.startOver()
    setAddress({ step: 'basic' })
  }
  const leaving = useLeaveConfirmation(kept.isDirty)
  const creating = useAction(
    (client, version: WizardDraft) =>
      isNew
        ? client.extensions.create(renderExtensionRequest(version))
        : client.extensions.createVersion(version.name, renderVersionRequest(version)),
    ['extensions', 'overview'],
  )
  const create = async () => {
    const created = await creating.run(draft)
    if (!created) return
    kept.forget()
    flashes.success(texts.created(created.name, created.version))
    navigate(`/extensions/${encodeURIComponent(created.name)}`)
  }
  const problems = useProblems(draft)
  const steps = useWizardSteps({
    step,
    show: (next: WizardStep) => setAddress({ step: next }, { push: true }),
    problems,
    submit: () => void create(),
  })

  const contents = {
    basic: <BasicStep />,
    configurations: <ConfigurationsStep />,
    review: <ReviewStep problems={problems} onEdit={(next) => setAddress({ step: next }, { push: true })} />,
  }
  const descriptions = {
    basic: undefined,
    configurations: texts.steps.configurationsDescription,
    review: texts.steps.reviewDescription,
  }
  return (
    <WizardFormProvider
      value={{ draft, isNew, change, problemsAt: steps.problemsAt, isWrongIn: steps.isWrongIn, uploads }}
    >
      <SpaceBetween size="m">
        <DraftNotes kept={kept} newestVersion={newestVersion} onStartOver={startOver} />
        {problems.error && <ProblemAlert error={problems.error} onRetry={problems.retry} />}
        <RefusalAlert error={creating.error} />
        <Wizard
          i18nStrings={{
            stepNumberLabel: texts.steps.stepNumber,
            collapsedStepsLabel: texts.steps.collapsed,
            navigationAriaLabel: texts.steps.navigation,
            cancelButton: data.cancel,
            previousButton: texts.steps.previous,
            nextButton: texts.steps.next,
            nextButtonLoadingAnnouncement: texts.steps.checking,
            submitButtonLoadingAnnouncement: texts.steps.creating,
            optional: texts.basic.optional,
          }}
          submitButtonText={isNew ? texts.create : texts.createVersion}
          activeStepIndex={wizardSteps.indexOf(step)}
          isLoadingNextStep={steps.isWaiting || creating.isRunning}
          onNavigate={({ detail }) => steps.goTo(wizardSteps[detail.requestedStepIndex] ?? 'basic')}
          onSubmit={() => steps.goTo('end')}
          onCancel={() => leaving.goTo(cancelHref)}
          steps={wizardSteps.map((one) => ({
            title: texts.steps[one],
            description: descriptions[one],
            content: contents[one],
          }))}
        />
      </SpaceBetween>
      <LeaveDialog
        request={leaving}
        isSending={Object.values(uploads.states).some((upload) => upload && !upload.error)}
        onDiscard={() => {
          stopUploads()
          kept.forget()
          leaving.leave()
        }}
      />
    </WizardFormProvider>
  )
}

function DraftNotes({
  kept,
  newestVersion,
  onStartOver,
}: {
  readonly kept: ReturnType<typeof useDraft>
  readonly newestVersion: string | undefined
  readonly onStartOver: () => void
}) {
  const { draft: texts } = useTexts().extensionWizard
  const { base } = kept.draft
  const isOutdated = newestVersion !== undefined && base !== undefined && base !== newestVersion
  const startOver = <Button onClick={onStartOver}>{texts.startOver}</Button>
  return (
    <>
      {isOutdated && (
        <Alert type="warning" action={startOver}>
          {texts.outdated(base, newestVersion)}
        </Alert>
      )}
      {!isOutdated && kept.isRestored && <Alert action={startOver}>{texts.restored}</Alert>}
      {kept.isTooLarge && <Alert type="warning">{texts.tooLarge}</Alert>}
    </>
  )
}
