import Button from '@cloudscape-design/components/button'
import type { FlashbarProps } from '@cloudscape-design/components/flashbar'
import { createContext, type ReactNode, use, useCallback, useMemo, useRef, useState } from 'react'
import type { ClientError } from '../../../src/client/client-error.ts'
import { useTexts } from '../i18n/language.tsx'
import { ProblemDetail } from './problem-detail.tsx'

/** Link to the created resource. */
export interface FlashLink {
  readonly text: string
  readonly href: string
}

export interface Flashes {
  /** Disappears after a while. With a link it stays, to leave time to follow it. */
  readonly success: (text: string, link?: FlashLink) => void
  /** Stays until dismissed. */
  readonly problem: (error: ClientError) => void
}

const Context = createContext<(Flashes & { readonly items: readonly FlashbarProps.MessageDefinition[] }) | undefined>(
  undefined,
)

const successMs = 8_000
/** Limit: older notifications are outdated, and the page must stay visible. */
const maxFlashes = 5

export function FlashesProvider({ children }: { readonly children: ReactNode }) {
  const { data, shell } = useTexts()
  const [items, setItems] = useState<readonly FlashbarProps.MessageDefinition[]>([])
  const lastId = useRef(0)
  const add = useCallback(
    (item: FlashbarProps.MessageDefinition, forMs?: number) => {
      lastId.current += 1
      const id = `flash-${lastId.current}`
      const dismiss = () => setItems((current) => current.filter((other) => other.id !== id))
      const flash = { ...item, id, dismissible: true, dismissLabel: shell.dismiss, onDismiss: dismiss }
      setItems((current) => [flash, ...current].slice(0, maxFlashes))
      if (forMs !== undefined) setTimeout(dismiss, forMs)
    },
    [shell],
  )
  const value = useMemo(
    () => ({
      items,
      success: (text: string, link?: FlashLink) =>
        link === undefined
          ? add({ type: 'success', content: text }, successMs)
          : add({ type: 'success', content: text, action: <Button href={link.href}>{link.text}</Button> }),
      problem: (error: ClientError) =>
        add({ type: 'error', header: data.explainError(error).message, content: <ProblemDetail error={error} /> }),
    }),
    [items, add, data],
  )
  return <Context value={value}>{children}</Context>
}

function useContext() {
  const context = use(Context)
  if (!context) throw new Error('useFlashes outside of FlashesProvider')
  return context
}

/** Notifications about completed actions, above the page. Field errors appear at their fields. */
export const useFlashes = (): Flashes => useContext()
export const useFlashItems = (): readonly FlashbarProps.MessageDefinition[] => useContext().items
