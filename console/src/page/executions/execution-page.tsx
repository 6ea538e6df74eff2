import { Page } from '../../app/page.tsx'
import { useTexts } from '../../i18n/language.tsx'

export function ExecutionPage() {
  const { shell } = useTexts()
  return <Page title={shell.navigation.executions}>{null}</Page>
}
