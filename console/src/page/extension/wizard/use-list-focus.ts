import type { ButtonProps } from '@cloudscape-design/components/button'
import { type RefObject, useEffect, useRef } from 'react'

export interface ListFocus {
  /** Container of the items, each with its key as `data-key`. */
  readonly list: RefObject<HTMLDivElement | null>
  readonly addButton: RefObject<ButtonProps.Ref | null>
  /** Call after adding an item: moves the focus to its first field. */
  readonly added: (key: number) => void
  /** Call after removing an item: moves the focus to the add button. */
  readonly removed: () => void
}

/** Focus management for lists, for keyboard users. */
export function useListFocus(): ListFocus {
  const list = useRef<HTMLDivElement>(null)
  const addButton = useRef<ButtonProps.Ref>(null)
  const pendingFocus = useRef<number | 'add'>(undefined)
  useEffect(() => {
    const target = pendingFocus.current
    pendingFocus.current = undefined
    if (target === 'add') addButton.current?.focus()
    else if (target !== undefined) list.current?.querySelector<HTMLElement>(`[data-key="${target}"] input`)?.focus()
  })
  return {
    list,
    addButton,
    added: (key) => void (pendingFocus.current = key),
    removed: () => void (pendingFocus.current = 'add'),
  }
}
