import { createContext, use } from 'react'
import type { PlacedProblem } from './place-problems.ts'
import type { Uploads } from './use-uploads.ts'
import type { WizardDraft } from './wizard-draft.ts'

/** What every field of the wizard has. */
export interface WizardForm {
  readonly draft: WizardDraft
  readonly isNew: boolean
  readonly change: (next: (draft: WizardDraft) => WizardDraft) => void
  /** Of a place (see place-problems.ts), to be shown now. */
  readonly problemsAt: (place: string) => readonly PlacedProblem[]
  readonly uploads: Uploads
}

const Context = createContext<WizardForm | undefined>(undefined)
export const WizardFormProvider = Context

export function useWizardForm(): WizardForm {
  const form = use(Context)
  if (!form) throw new Error('useWizardForm outside of ExtensionWizard')
  return form
}

/** What a FormField shows of the problems of a place. Something empty is not complained about before the step is to be left: `isEmpty`. */
export function useFieldProblems(): (place: string) => { errorText?: string; warningText?: string } {
  const { problemsAt } = useWizardForm()
  return (place) => {
    const problems = problemsAt(place)
    const say = (severity: PlacedProblem['severity']) =>
      problems
        .filter((problem) => problem.severity === severity)
        .map(({ message }) => sentence(message))
        .join('. ')
    const [errorText, warningText] = [say('error'), say('warning')]
    return { ...(errorText && { errorText }), ...(!errorText && warningText && { warningText }) }
  }
}

/** The server's words follow a name in its own messages; here they stand alone. */
export const sentence = (message: string): string => message.charAt(0).toUpperCase() + message.slice(1)
