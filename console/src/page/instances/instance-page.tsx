import { Page } from '../../app/page.tsx'
import { useTexts } from '../../i18n/language.tsx'

export function InstancePage() {
  const { shell } = useTexts()
  return <Page title={shell.navigation.instances}>{null}</Page>
}
