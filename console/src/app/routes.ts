import { type ComponentType, type LazyExoticComponent, lazy } from 'react'
import { loadPart } from '../data/load-part.ts'
import type { Catalogue } from '../i18n/catalogue.ts'

/** Navigation entry; subpages have paths below its path. */
export interface Section {
  readonly name: Exclude<keyof Catalogue['shell']['navigation'], 'label' | 'open' | 'close' | 'reference'>
  readonly path: string
}

export const sections: readonly Section[] = [
  { name: 'overview', path: '/' },
  { name: 'instances', path: '/instances' },
  { name: 'groups', path: '/groups' },
  { name: 'assignments', path: '/assignments' },
  { name: 'extensions', path: '/extensions' },
  { name: 'batch', path: '/batch' },
  { name: 'executions', path: '/executions' },
  { name: 'automation', path: '/automation' },
  { name: 'access', path: '/access' },
]

type PageComponent = ComponentType<{ readonly params: Readonly<Record<string, string | undefined>> }>

export interface PageRoute {
  /** wouter pattern, for example `/instances/:id`. Variables reach the page as `params`. */
  readonly path: string
  readonly page: LazyExoticComponent<PageComponent>
}

const lazyPage = (load: () => Promise<PageComponent>) => lazy(() => loadPart(async () => ({ default: await load() })))

/** All pages, loaded on demand; the first matching path applies. */
export const pageRoutes: readonly PageRoute[] = [
  {
    path: '/',
    page: lazyPage(async () => (await import('../page/overview/overview-page.tsx')).OverviewPage),
  },
  {
    path: '/access',
    page: lazyPage(async () => (await import('../page/access/access-page.tsx')).AccessPage),
  },
  {
    path: '/assignments',
    page: lazyPage(async () => (await import('../page/assignment/assignments-page.tsx')).AssignmentsPage),
  },
  {
    path: '/groups',
    page: lazyPage(async () => (await import('../page/group/groups-page.tsx')).GroupsPage),
  },
  {
    path: '/automation',
    page: lazyPage(async () => (await import('../page/automation/automation-page.tsx')).AutomationPage),
  },
  {
    path: '/batch',
    page: lazyPage(async () => (await import('../page/batch/batch-page.tsx')).BatchPage),
  },
  {
    path: '/executions',
    page: lazyPage(async () => (await import('../page/execution/list/executions-page.tsx')).ExecutionsPage),
  },
  {
    path: '/extensions',
    page: lazyPage(async () => (await import('../page/extension/extensions-page.tsx')).ExtensionsPage),
  },
  {
    path: '/extensions/create',
    page: lazyPage(
      async () => (await import('../page/extension/wizard/create-extension-page.tsx')).CreateExtensionPage,
    ),
  },
  {
    path: '/instances',
    page: lazyPage(async () => (await import('../page/instance/list/instances-page.tsx')).InstancesPage),
  },
  {
    path: '/executions/:id',
    page: lazyPage(async () => (await import('../page/execution/execution-page.tsx')).ExecutionPage),
  },
  {
    path: '/extensions/:name',
    page: lazyPage(async () => (await import('../page/extension/extension-page.tsx')).ExtensionPage),
  },
  {
    path: '/extensions/:name/update',
    page: lazyPage(
      async () => (await import('../page/extension/wizard/update-extension-page.tsx')).UpdateExtensionPage,
    ),
  },
  {
    path: '/instances/:id',
    page: lazyPage(async () => (await import('../page/instance/instance-page.tsx')).InstancePage),
  },
]
