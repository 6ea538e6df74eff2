import { useEffect, useState } from 'react'
import { useSession } from '../../../app/session.tsx'
import type { WizardDraft } from './wizard-draft.ts'

export interface KeptDraft {
  readonly draft: WizardDraft
  readonly change: (next: (draft: WizardDraft) => WizardDraft) => void
  /** Something was written since the beginning. */
  readonly isDirty: boolean
  /** It was begun before this page was loaded. */
  readonly isRestored: boolean
  /** It is larger than what the browser keeps for a page: a reload would lose it. */
  readonly isTooLarge: boolean
  /** Begins again. */
  readonly startOver: () => void
  /** Forgets what was kept: it has been created, or is not wanted any more. */
  readonly forget: () => void
}

/** Of the form of what is kept; what was kept by another one is not understood. */
const format = 1

/** A draft that survives a reload, in this tab only, and is shown to whoever wrote it. `name` tells it from other drafts. */
export function useDraft(name: string, makeInitial: () => WizardDraft): KeptDraft {
  const { session } = useSession()
  const storageKey = `chandler.extension-draft.${session.userName}.${name}`
  const [restored] = useState(() => recall(storageKey))
  const [draft, setDraft] = useState(() => restored ?? makeInitial())
  const [isDirty, setIsDirty] = useState(restored !== undefined)
  const [isTooLarge, setIsTooLarge] = useState(false)
  const [isRestored, setIsRestored] = useState(restored !== undefined)
  useEffect(() => {
    if (isDirty) setIsTooLarge(!keep(storageKey, draft))
  }, [storageKey, draft, isDirty])

  const forget = () => {
    sessionStorage.removeItem(storageKey)
    setIsDirty(false)
    setIsRestored(false)
    setIsTooLarge(false)
  }
  return {
    draft,
    change: (next) => {
      setDraft(next)
      setIsDirty(true)
    },
    isDirty,
    isRestored,
    isTooLarge,
    startOver: () => {
      forget()
      setDraft(makeInitial())
    },
    forget,
  }
}

function recall(storageKey: string): WizardDraft | undefined {
  const text = sessionStorage.getItem(storageKey)
  if (text === null) return undefined
  const kept = JSON.parse(text) as { readonly format: number; readonly draft: WizardDraft }
  return kept.format === format ? kept.draft : undefined
}

/** False if there is no room for it. */
function keep(storageKey: string, draft: WizardDraft): boolean {
  try {
    sessionStorage.setItem(storageKey, JSON.stringify({ format, draft }))
    return true
  } catch (error) {
    if (!(error instanceof DOMException)) throw error
    sessionStorage.removeItem(storageKey)
    return false
  }
}
