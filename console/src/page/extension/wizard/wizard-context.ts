import { createContext, use } from 'react'
import { useTexts } from '../../../i18n/language.tsx'
import type { PlacedProblem } from './place-problems.ts'
import type { Uploads } from './use-uploads.ts'
import type { WizardDraft } from './wizard-draft.ts'

/** Shared by all wizard fields. */
export interface WizardForm {
  readonly draft: WizardDraft
  readonly isNew: boolean
  readonly change: (next: (draft: WizardDraft) => WizardDraft) => void
  /** Visible problems of a place (see place-problems.ts). */
  readonly problemsAt: (place: string) => readonly PlacedProblem[]
  /** Whether a place, or any place inside it, has a visible problem. */
  readonly isWrongIn: (place: string) => boolean
  readonly uploads: Uploads
}

const Context = createContext<WizardForm | undefined>(undefined)
export const WizardFormProvider = Context

export function useWizardForm(): WizardForm {
  const form = use(Context)
  if (!form) throw new Error('useWizardForm outside of ExtensionWizard')
  return form
}

/** Constraint and error texts of a FormField for a place. */
export function useFieldProblems(): (place: string) => { errorText?: string; warningText?: string } {
  const { problemsAt } = useWizardForm()
  const { scripts: texts } = useTexts().extensionWizard
  return (place) => {
    const problems = problemsAt(place)
    const join = (severity: PlacedProblem['severity']) =>
      problems
        .filter((problem) => problem.severity === severity)
        .map(({ message, line }) => (line === undefined ? sentence(message) : `${texts.place(line)}: ${message}`))
        .join('. ')
    const [errorText, warningText] = [join('error'), join('warning')]
    return { ...(errorText && { errorText }), ...(!errorText && warningText && { warningText }) }
  }
}

/** Server messages are phrased to follow a name; here they start a sentence. */
export const sentence = (message: string): string => message.charAt(0).toUpperCase() + message.slice(1)
