import { type ComponentType, type LazyExoticComponent, lazy } from 'react'
import type { Catalogue } from '../i18n/catalogue.ts'

/** An entry of the navigation; pages below it have addresses below its own. */
export interface Section {
  readonly name: Exclude<keyof Catalogue['shell']['navigation'], 'label' | 'open' | 'close' | 'reference'>
  readonly path: string
}

export const sections: readonly Section[] = [
  { name: 'overview', path: '/' },
  { name: 'instances', path: '/instances' },
  { name: 'extensions', path: '/extensions' },
  { name: 'batch', path: '/batch' },
  { name: 'executions', path: '/executions' },
  { name: 'access', path: '/access' },
]

export interface PageRoute {
  /** Of wouter: `/instances/:id`. What is variable reaches the page as `params`. */
  readonly path: string
  readonly page: LazyExoticComponent<ComponentType<{ readonly params: Readonly<Record<string, string | undefined>> }>>
}

/** Every page, loaded when it is opened; the first whose path fits. */
export const pageRoutes: readonly PageRoute[] = [
  {
    path: '/',
    page: lazy(async () => ({ default: (await import('../page/overview/overview-page.tsx')).OverviewPage })),
  },
  {
    path: '/access',
    page: lazy(async () => ({ default: (await import('../page/access/access-page.tsx')).AccessPage })),
  },
  {
    path: '/batch',
    page: lazy(async () => ({ default: (await import('../page/batch/batch-page.tsx')).BatchPage })),
  },
  {
    path: '/executions',
    page: lazy(async () => ({ default: (await import('../page/executions/executions-page.tsx')).ExecutionsPage })),
  },
  {
    path: '/extensions',
    page: lazy(async () => ({ default: (await import('../page/extensions/extensions-page.tsx')).ExtensionsPage })),
  },
  {
    path: '/extensions/create',
    page: lazy(async () => ({
      default: (await import('../page/extension-wizard/create-extension-page.tsx')).CreateExtensionPage,
    })),
  },
  {
    path: '/instances',
    page: lazy(async () => ({ default: (await import('../page/instances/instances-page.tsx')).InstancesPage })),
  },
  {
    path: '/executions/:id',
    page: lazy(async () => ({ default: (await import('../page/executions/execution-page.tsx')).ExecutionPage })),
  },
  {
    path: '/extensions/:name',
    page: lazy(async () => ({ default: (await import('../page/extensions/extension-page.tsx')).ExtensionPage })),
  },
  {
    path: '/extensions/:name/update',
    page: lazy(async () => ({
      default: (await import('../page/extension-wizard/update-extension-page.tsx')).UpdateExtensionPage,
    })),
  },
  {
    path: '/instances/:id',
    page: lazy(async () => ({ default: (await import('../page/instances/instance-page.tsx')).InstancePage })),
  },
]
