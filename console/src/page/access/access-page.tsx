import { Page } from '../../app/page.tsx'
import { useTexts } from '../../i18n/language.tsx'

export function AccessPage() {
  const { shell } = useTexts()
  return <Page title={shell.navigation.access}>{null}</Page>
}
