import { useEffect, useState } from 'react'
import { useSession } from '../../../app/session.tsx'
import type { WizardDraft } from './wizard-draft.ts'

export interface KeptDraft {
  readonly draft: WizardDraft
  readonly change: (next: (draft: WizardDraft) => WizardDraft) => void
  /** The draft has been edited. */
  readonly isDirty: boolean
  /** The draft was restored from an earlier page load. */
  readonly isRestored: boolean
  /** Exceeds the browser's storage: a reload would lose it. */
  readonly isTooLarge: boolean
  /** Resets the draft. */
  readonly startOver: () => void
  /** Deletes the stored draft: created or discarded. */
  readonly forget: () => void
}

/** Format version of stored drafts; others are ignored. */
const format = 1

/** A draft that survives reloads in this tab, visible to its author only. `name` identifies it. */
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

/** False if the storage is full. */
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
