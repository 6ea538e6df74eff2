import AppLayout from '@cloudscape-design/components/app-layout'
import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group'
import Flashbar from '@cloudscape-design/components/flashbar'
import SideNavigation, { type SideNavigationProps } from '@cloudscape-design/components/side-navigation'
import { type ReactNode, useCallback, useMemo, useRef, useState } from 'react'
import { useLocation } from 'wouter'
import { useConnectionState } from '../data/console-data.tsx'
import { useLists } from '../data/use-lists.ts'
import { useTexts } from '../i18n/language.tsx'
import { AppHeader } from './app-header.tsx'
import { useFlashItems } from './flashes.tsx'
import { useLinkNavigation } from './link-navigation.ts'
import { recallChoice, rememberChoice } from './remembered-choice.ts'
import { sections } from './routes.ts'
import type { Crumb } from './shell-context.tsx'
import { ShellProvider } from './shell-context.tsx'

const headerId = 'console-header'

/** Frame around every page: header, navigation, breadcrumbs and notifications. */
export function AppShell({ children }: { readonly children: ReactNode }) {
  const { shell } = useTexts()
  const flashes = useFlashItems()
  const connection = useConnectionState()
  const isLost = connection === 'reconnecting' || connection === 'disconnected'
  useLists()
  const [crumbs, setCrumbs] = useState<readonly Crumb[]>([])
  const [isNavigationOpen, setIsNavigationOpen] = useState(recallChoice('navigation') !== 'closed')
  const hasNavigated = useRef(false)
  useLinkNavigation(() => void (hasNavigated.current = true))
  const takeFocus = useCallback(() => {
    const heading = document.querySelector<HTMLElement>('main h1')
    if (!hasNavigated.current || !heading) return
    heading.tabIndex = -1
    heading.focus({ preventScroll: true })
    scrollTo({ top: 0 })
  }, [])
  const context = useMemo(() => ({ setCrumbs, takeFocus }), [takeFocus])

  const lost = isLost && {
    id: 'connection',
    type: 'warning' as const,
    loading: true,
    header: shell.connection[connection],
    content: shell.connection.lostDetail,
  }
  return (
    <ShellProvider value={context}>
      <div id={headerId} className="console-header">
        <AppHeader connection={connection} />
      </div>
      <AppLayout
        headerSelector={`#${headerId}`}
        navigation={<Navigation />}
        navigationOpen={isNavigationOpen}
        onNavigationChange={({ detail }) => {
          setIsNavigationOpen(detail.open)
          rememberChoice('navigation', detail.open ? 'open' : 'closed')
        }}
        breadcrumbs={<Breadcrumbs crumbs={crumbs} />}
        notifications={
          <Flashbar
            stackItems
            items={[...(lost ? [lost] : []), ...flashes]}
            i18nStrings={{ ariaLabel: shell.notifications }}
          />
        }
        content={children}
        toolsHide
        ariaLabels={{
          navigation: shell.navigation.label,
          navigationToggle: shell.navigation.open,
          navigationClose: shell.navigation.close,
        }}
      />
    </ShellProvider>
  )
}

function Navigation() {
  const { shell } = useTexts()
  const [path] = useLocation()
  const items: SideNavigationProps.Item[] = [
    ...sections.map(({ name, path: href }) => ({ type: 'link' as const, text: shell.navigation[name], href })),
    { type: 'divider' },
    { type: 'link', text: shell.navigation.reference, href: '/docs', external: true },
  ]
  const active = sections.findLast(({ path: href }) => path === href || path.startsWith(`${href}/`))
  return <SideNavigation header={{ text: shell.product, href: '/' }} activeHref={active?.path ?? '/'} items={items} />
}

function Breadcrumbs({ crumbs }: { readonly crumbs: readonly Crumb[] }) {
  const { shell } = useTexts()
  const [path] = useLocation()
  const above = path === '/' ? [] : [{ text: shell.navigation.overview, href: '/' }]
  return <BreadcrumbGroup ariaLabel={shell.breadcrumbs} items={[...above, ...crumbs]} />
}
