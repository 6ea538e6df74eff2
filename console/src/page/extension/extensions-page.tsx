import Tabs from '@cloudscape-design/components/tabs'
import { Page } from '../../app/page.tsx'
import { PermittedButton } from '../../app/permitted-button.tsx'
import { useTexts } from '../../i18n/language.tsx'
import { useUrlState } from '../../url/use-url-state.ts'
import { ExtensionsTable } from './extensions-table.tsx'
import { extensionsTabs, extensionsUrl } from './extensions-url.ts'
import { NoPublicExtensions } from './no-public-extensions.tsx'

export function ExtensionsPage() {
  const { shell, extensions: texts } = useTexts()
  const [{ tab }, setUrl] = useUrlState(extensionsUrl)
  return (
    <Page
      title={shell.navigation.extensions}
      description={texts.description}
      actions={
        <PermittedButton
          permission={{ action: 'oos:CreateTemplate', resource: 'template/*' }}
          variant="primary"
          href="/extensions/create"
        >
          {texts.create}
        </PermittedButton>
      }
    >
      <Tabs
        activeTabId={tab}
        ariaLabel={shell.navigation.extensions}
        onChange={({ detail }) =>
          setUrl({ tab: extensionsTabs.find((id) => id === detail.activeTabId) ?? 'custom', find: '', page: 1 })
        }
        tabs={[
          { id: 'custom', label: texts.tabs.custom, content: tab === 'custom' && <ExtensionsTable /> },
          { id: 'public', label: texts.tabs.public, content: <NoPublicExtensions /> },
        ]}
      />
    </Page>
  )
}
