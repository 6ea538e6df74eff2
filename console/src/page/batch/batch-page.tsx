import { Page } from '../../app/page.tsx'
import { useTexts } from '../../i18n/language.tsx'

export function BatchPage() {
  const { shell } = useTexts()
  return <Page title={shell.navigation.batch}>{null}</Page>
}
