import Tabs from '@cloudscape-design/components/tabs'
import type { ComponentType } from 'react'
import { useLocation } from 'wouter'
import { Page } from '../../app/page.tsx'
import { useRefreshEvery } from '../../data/use-refresh-every.ts'
import { useTexts } from '../../i18n/language.tsx'
import { useUrlState } from '../../url/use-url-state.ts'
import { type AccessTab, accessTabs, accessUrl } from './access-url.ts'
import { AuditTab } from './audit/audit-tab.tsx'
import { KeysTab } from './key/keys-tab.tsx'
import { PoliciesTab } from './policy/policies-tab.tsx'
import { TokensTab } from './token/tokens-tab.tsx'
import { RolesTab } from './user/roles-tab.tsx'
import { SessionsTab } from './user/sessions-tab.tsx'
import { UsersTab } from './user/users-tab.tsx'

const contents: Readonly<Record<AccessTab, ComponentType>> = {
  users: UsersTab,
  sessions: SessionsTab,
  keys: KeysTab,
  tokens: TokensTab,
  roles: RolesTab,
  policies: PoliciesTab,
  audit: AuditTab,
}

/** Picks up changes of other users. */
const refreshPeriodMs = 15_000

export function AccessPage() {
  useRefreshEvery('access/', refreshPeriodMs)
  const { shell, access } = useTexts()
  const [{ tab }] = useUrlState(accessUrl)
  const [path, navigate] = useLocation()
  return (
    <Page title={shell.navigation.access} description={access.description}>
      <Tabs
        activeTabId={tab}
        ariaLabel={shell.navigation.access}
        // The filter of one tab has no meaning in another.
        onChange={({ detail }) => navigate(`${path}?tab=${detail.activeTabId}`)}
        tabs={accessTabs.map((id) => {
          const Content = contents[id]
          return { id, label: access.tabs[id], content: tab === id && <Content /> }
        })}
      />
    </Page>
  )
}
