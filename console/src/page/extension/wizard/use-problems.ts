import { useMemo } from 'react'
import type { ClientError } from '../../../../../src/client/client-error.ts'
import { useTexts } from '../../../i18n/language.tsx'
import { findDraftProblems, isHint, isMissing } from './draft-problems.ts'
import { gatherProblems, type PlacedProblem } from './place-problems.ts'
import { useLint } from './use-lint.ts'
import type { WizardDraft } from './wizard-draft.ts'

export interface Problems {
  /** Problems by place (see place-problems.ts). */
  readonly all: ReadonlyMap<string, readonly PlacedProblem[]>
  readonly isCurrent: boolean
  /** Why validation failed to run. */
  readonly error: ClientError | undefined
  readonly retry: () => void
}

/** All problems of a draft: those of the server and those only the form knows. */
export function useProblems(draft: WizardDraft): Problems {
  const { extensionWizard: texts } = useTexts()
  const { problems, isNameTaken, isCurrent, error, retry } = useLint(draft)
  const all = useMemo(() => {
    const own: (PlacedProblem & { readonly place: string })[] = findDraftProblems(draft).map((problem) => ({
      place: problem.place,
      severity: isHint(problem) ? 'warning' : 'error',
      message: texts.problems[problem.reason],
      isMissing: isMissing(problem),
    }))
    if (isNameTaken) own.push({ place: 'name', severity: 'error', message: texts.basic.nameTaken })
    return gatherProblems(
      problems,
      draft.parameters.map(({ name }) => name),
      own,
    )
  }, [draft, problems, isNameTaken, texts])
  return { all, isCurrent, error, retry }
}
