import { Page } from '../../app/page.tsx'
import { useTexts } from '../../i18n/language.tsx'

export function CreateExtensionPage() {
  const { shell } = useTexts()
  return <Page title={shell.navigation.extensions}>{null}</Page>
}
