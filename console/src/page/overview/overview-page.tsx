import { Page } from '../../app/page.tsx'
import { useTexts } from '../../i18n/language.tsx'

export function OverviewPage() {
  const { shell } = useTexts()
  return <Page title={shell.navigation.overview}>{null}</Page>
}
