import { Page } from '../../../app/page.tsx'
import { useTexts } from '../../../i18n/language.tsx'
import { ExtensionWizard } from './extension-wizard.tsx'
import { makeDraft } from './wizard-draft.ts'

export function CreateExtensionPage() {
  const { shell, extensionWizard: texts } = useTexts()
  return (
    <Page title={texts.createTitle} above={[{ text: shell.navigation.extensions, href: '/extensions' }]}>
      <ExtensionWizard name="create" makeInitial={makeDraft} cancelHref="/extensions" />
    </Page>
  )
}
