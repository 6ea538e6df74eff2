import { createContext, use } from 'react'

/** A parent page in the breadcrumbs. */
export interface Crumb {
  readonly text: string
  readonly href: string
}

/** What pages report to the shell. */
export interface AppShellState {
  readonly setCrumbs: (crumbs: readonly Crumb[]) => void
  /** Moves the focus to the page title after navigation inside the console. */
  readonly takeFocus: () => void
}

const Context = createContext<AppShellState | undefined>(undefined)
export const ShellProvider = Context

export function useShell(): AppShellState {
  const shell = use(Context)
  if (!shell) throw new Error('useShell outside of AppShell')
  return shell
}
