import { applyMode, Mode } from '@cloudscape-design/global-styles'
import { useSyncExternalStore } from 'react'
import { recallChoice, rememberChoice } from './remembered-choice.ts'

export const appearances = ['system', 'light', 'dark'] as const
export type Appearance = (typeof appearances)[number]

const systemIsDark = matchMedia('(prefers-color-scheme: dark)')
const listeners = new Set<() => void>()
let chosen: Appearance = appearances.find((appearance) => appearance === recallChoice('appearance')) ?? 'system'

function apply() {
  const isDark = chosen === 'dark' || (chosen === 'system' && systemIsDark.matches)
  applyMode(isDark ? Mode.Dark : Mode.Light)
}

/** Applies the appearance before the first render to avoid a flash, and follows system changes. */
export function startAppearance(): void {
  apply()
  systemIsDark.addEventListener('change', apply)
}

export function chooseAppearance(appearance: Appearance): void {
  chosen = appearance
  rememberChoice('appearance', appearance)
  apply()
  for (const listen of listeners) listen()
}

const subscribe = (listen: () => void) => {
  listeners.add(listen)
  return () => void listeners.delete(listen)
}

export const useAppearance = (): Appearance => useSyncExternalStore(subscribe, () => chosen)
