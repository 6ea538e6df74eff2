import { createContext, use } from 'react'

/** A page above the one that is shown. */
export interface Crumb {
  readonly text: string
  readonly href: string
}

/** What pages tell the shell. */
export interface AppShellState {
  readonly setCrumbs: (crumbs: readonly Crumb[]) => void
  /** Moves the focus to the page's title, if a person came here by a link of the console. */
  readonly takeFocus: () => void
}

const Context = createContext<AppShellState | undefined>(undefined)
export const ShellProvider = Context

export function useShell(): AppShellState {
  const shell = use(Context)
  if (!shell) throw new Error('useShell outside of AppShell')
  return shell
}
