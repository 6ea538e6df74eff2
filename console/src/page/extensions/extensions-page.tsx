import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Tabs from '@cloudscape-design/components/tabs'
import { Page } from '../../app/page.tsx'
import { useTexts } from '../../i18n/language.tsx'
import { choiceParameter, textParameter, useUrlState } from '../../url/use-url-state.ts'
import { ExtensionsTable } from './extensions-table.tsx'

const tabs = ['custom', 'public'] as const
const urlSchema = { tab: choiceParameter(tabs, 'custom'), find: textParameter() }

export function ExtensionsPage() {
  const { shell, extensions: texts } = useTexts()
  const [{ tab, find }, setUrl] = useUrlState(urlSchema)
  return (
    <Page
      title={shell.navigation.extensions}
      description={texts.description}
      actions={
        <Button variant="primary" href="/extensions/create">
          {texts.create}
        </Button>
      }
    >
      <Tabs
        activeTabId={tab}
        ariaLabel={shell.navigation.extensions}
        onChange={({ detail }) => setUrl({ tab: tabs.find((id) => id === detail.activeTabId) ?? 'custom', find: '' })}
        tabs={[
          {
            id: 'custom',
            label: texts.tabs.custom,
            content: tab === 'custom' && <ExtensionsTable find={find} onFind={(text) => setUrl({ find: text })} />,
          },
          {
            id: 'public',
            label: texts.tabs.public,
            content: (
              <Box textAlign="center" padding="xl" color="text-body-secondary">
                {texts.noPublic}
              </Box>
            ),
          },
        ]}
      />
    </Page>
  )
}
