import ContentLayout from '@cloudscape-design/components/content-layout'
import Header from '@cloudscape-design/components/header'
import { type ReactNode, useEffect } from 'react'
import { useTexts } from '../i18n/language.tsx'
import { type Crumb, useShell } from './shell-context.tsx'

export interface PageProps {
  readonly title: string
  readonly description?: ReactNode
  /** Buttons to the right of the title. */
  readonly actions?: ReactNode
  /** Parent pages; the overview is always the first. */
  readonly above?: readonly Crumb[]
  readonly children: ReactNode
}

/** Layout of every page: document title, heading, breadcrumbs, and focus after navigation. */
export function Page({ title, description, actions, above = [], children }: PageProps) {
  const { shell } = useTexts()
  const { setCrumbs, takeFocus } = useShell()
  const crumbs = JSON.stringify([...above, { text: title, href: '' }])
  useEffect(() => {
    document.title = shell.pageTitle(title)
  }, [shell, title])
  useEffect(() => setCrumbs(JSON.parse(crumbs) as Crumb[]), [setCrumbs, crumbs])
  // Once per page: moves the focus so that screen readers announce the new page.
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
