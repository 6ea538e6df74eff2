import { useEffect, useState } from 'react'
import { stepOf, type WizardStep, wizardSteps } from './place-problems.ts'
import type { Problems } from './use-problems.ts'
import type { WizardForm } from './wizard-context.ts'

type Goal = WizardStep | 'end'

export interface WizardSteps {
  /** Advances only past steps without errors, after the latest input is validated. */
  readonly goTo: (goal: Goal) => void
  readonly isWaiting: boolean
  readonly problemsAt: WizardForm['problemsAt']
  readonly isWrongIn: WizardForm['isWrongIn']
}

/**
 * Wizard navigation and visible errors: invalid input immediately, missing input when leaving a
 * step.
 */
export function useWizardSteps({
  step,
  show,
  problems,
  submit,
}: {
  readonly step: WizardStep
  readonly show: (step: WizardStep) => void
  readonly problems: Problems
  readonly submit: () => void
}): WizardSteps {
  const [goal, setGoal] = useState<Goal>()
  const [tried, setTried] = useState<ReadonlySet<WizardStep>>(new Set(step === 'review' ? wizardSteps : []))
  const [refusals, setRefusals] = useState(0)
  useEffect(() => {
    // After the errors are rendered and the wizard has focused the step title.
    if (refusals > 0) requestAnimationFrame(focusFirstMistake)
  }, [refusals])
  const indexOf = (one: Goal) => (one === 'end' ? wizardSteps.length : wizardSteps.indexOf(one))

  useEffect(() => {
    if (goal === undefined || !problems.isCurrent) return
    setGoal(undefined)
    if (problems.error) return
    const left = wizardSteps.slice(0, indexOf(goal))
    setTried((before) => new Set([...before, ...left]))
    const wrong = findWrongStep(problems, left)
    if (wrong === undefined) {
      if (goal === 'end') submit()
      else show(goal)
      return
    }
    if (wrong !== step) show(wrong)
    setRefusals((count) => count + 1)
  })
  const problemsAt: WizardForm['problemsAt'] = (place) => {
    const found = problems.all.get(place) ?? []
    return tried.has(stepOf(place)) ? found : found.filter(({ isMissing }) => !isMissing)
  }
  return {
    goTo: (next) => (next !== 'end' && indexOf(next) <= indexOf(step) ? show(next) : setGoal(next)),
    isWaiting: goal !== undefined,
    problemsAt,
    isWrongIn: (place) =>
      [...problems.all.keys()]
        .filter((other) => other === place || other.startsWith(`${place}.`))
        .some((other) => problemsAt(other).some(({ severity }) => severity === 'error')),
  }
}

/** The first step with a blocking error. */
function findWrongStep({ all }: Problems, left: readonly WizardStep[]): WizardStep | undefined {
  const wrong = [...all]
    .filter(([, found]) => found.some(({ severity }) => severity === 'error'))
    .map(([place]) => stepOf(place))
  return left.find((one) => wrong.includes(one))
}

function focusFirstMistake() {
  const field =
    document.querySelector<HTMLElement>('main [aria-invalid="true"]') ??
    // For errors without a field, or behind another tab.
    document.querySelector<HTMLElement>('main [data-error]')
  const target = field?.closest<HTMLElement>('[role="tab"]') ?? field
  target?.focus()
  target?.scrollIntoView({ block: 'center' })
}
