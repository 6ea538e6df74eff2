import Tabs from '@cloudscape-design/components/tabs'
import type { ComponentType } from 'react'
import { useLocation } from 'wouter'
import { Page } from '../../app/page.tsx'
import { useRefreshEvery } from '../../data/use-refresh-every.ts'
import { useTexts } from '../../i18n/language.tsx'
import { useUrlState } from '../../url/use-url-state.ts'
import { ApprovalsTab } from './approvals-tab.tsx'
import { type AutomationTab, automationTabs, automationUrl } from './automation-url.ts'
import { SchedulesTab } from './schedules-tab.tsx'
import { WebhooksTab } from './webhooks-tab.tsx'

const contents: Readonly<Record<AutomationTab, ComponentType>> = {
  approvals: ApprovalsTab,
  schedules: SchedulesTab,
  webhooks: WebhooksTab,
}

/** Deliveries and schedules change by themselves. */
const refreshPeriodMs = 5_000

export function AutomationPage() {
  useRefreshEvery('automation/', refreshPeriodMs)
  const { shell, automation } = useTexts()
  const [{ tab }] = useUrlState(automationUrl)
  const [path, navigate] = useLocation()
  return (
    <Page title={shell.navigation.automation} description={automation.description}>
      <Tabs
        activeTabId={tab}
        ariaLabel={shell.navigation.automation}
        onChange={({ detail }) => navigate(`${path}?tab=${detail.activeTabId}`)}
        tabs={automationTabs.map((id) => {
          const Content = contents[id]
          return { id, label: automation.tabs[id], content: tab === id && <Content /> }
        })}
      />
    </Page>
  )
}
