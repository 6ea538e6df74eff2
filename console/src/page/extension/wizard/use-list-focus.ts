import type { ButtonProps } from '@cloudscape-design/components/button'
import { type RefObject, useEffect, useRef } from 'react'

export interface ListFocus {
  /** Of what the members stand in, each with its key as `data-key`. */
  readonly list: RefObject<HTMLDivElement | null>
  readonly addButton: RefObject<ButtonProps.Ref | null>
  /** Call it when a member is added: the focus goes to its first field. */
  readonly added: (key: number) => void
  /** Call it when one is removed: the focus goes to the button that adds one. */
  readonly removed: () => void
}

/** Where the focus goes when members come and go, for whoever does not use a mouse. */
export function useListFocus(): ListFocus {
  const list = useRef<HTMLDivElement>(null)
  const addButton = useRef<ButtonProps.Ref>(null)
  const wanted = useRef<number | 'add'>(undefined)
  useEffect(() => {
    const target = wanted.current
    wanted.current = undefined
    if (target === 'add') addButton.current?.focus()
    else if (target !== undefined) list.current?.querySelector<HTMLElement>(`[data-key="${target}"] input`)?.focus()
  })
  return {
    list,
    addButton,
    added: (key) => void (wanted.current = key),
    removed: () => void (wanted.current = 'add'),
  }
}
