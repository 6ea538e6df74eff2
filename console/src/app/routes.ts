import { type ComponentType, type LazyExoticComponent, lazy } from 'react'
import type { Catalogue } from '../i18n/catalogue.ts'

/** An entry of the navigation; pages below it have addresses below its own. */
export interface Section {
  readonly name: Exclude<keyof Catalogue['shell']['navigation'], 'label' | 'open' | 'close' | 'reference'>
  readonly path: string
}

export const sections: readonly Section[] = [
  { name: 'overview', path: '/' },
  { name: 'access', path: '/access' },
]

export interface PageRoute {
  /** Of wouter: `/instances/:id`. What is variable reaches the page as `params`. */
  readonly path: string
  readonly page: LazyExoticComponent<ComponentType<{ readonly params: Readonly<Record<string, string | undefined>> }>>
}

/** Every page, loaded when it is opened. */
export const pageRoutes: readonly PageRoute[] = [
  {
    path: '/',
    page: lazy(async () => ({ default: (await import('../page/overview/overview-page.tsx')).OverviewPage })),
  },
  {
    path: '/access',
    page: lazy(async () => ({ default: (await import('../page/access/access-page.tsx')).AccessPage })),
  },
]
