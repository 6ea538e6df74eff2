import ContentLayout from '@cloudscape-design/components/content-layout'
import Header from '@cloudscape-design/components/header'
import { type ReactNode, useEffect } from 'react'
import { useTexts } from '../i18n/language.tsx'
import { type Crumb, useShell } from './shell-context.tsx'

export interface PageProps {
  readonly title: string
  readonly description?: ReactNode
  /** Buttons at the right of the title. */
  readonly actions?: ReactNode
  /** Pages above this one; the overview is always there. */
  readonly above?: readonly Crumb[]
  readonly children: ReactNode
}

/** What every page is drawn in: its title here and in the browser's tab, its place in the breadcrumbs, the focus after navigating. */
export function Page({ title, description, actions, above = [], children }: PageProps) {
  const { shell } = useTexts()
  const { setCrumbs, takeFocus } = useShell()
  const crumbs = JSON.stringify([...above, { text: title, href: '' }])
  useEffect(() => {
    document.title = shell.pageTitle(title)
  }, [shell, title])
  useEffect(() => setCrumbs(JSON.parse(crumbs) as Crumb[]), [setCrumbs, crumbs])
  // Once, when the page appears: whoever reads with their ears is told where they are.
  useEffect(() => takeFocus(), [takeFocus])
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={description} actions={actions}>
          {title}
        </Header>
      }
    >
      {children}
    </ContentLayout>
  )
}
