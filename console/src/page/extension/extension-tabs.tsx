import Tabs from '@cloudscape-design/components/tabs'
import type { VersionView } from '../../../../src/protocol/api/extensions.ts'
import { useTexts } from '../../i18n/language.tsx'
import { choiceParameter, textParameter, useUrlState } from '../../url/use-url-state.ts'
import { CoverageView } from './coverage-view.tsx'
import { DifferenceView } from './difference-view.tsx'
import { VersionsTable } from './versions-table.tsx'

const tabs = ['versions', 'difference', 'installed'] as const
const urlSchema = {
  tab: choiceParameter(tabs, 'versions'),
  version: textParameter(),
  from: textParameter(),
  to: textParameter(),
}

/** Versions of an extension, their differences, and its installations. */
export function ExtensionTabs({
  name,
  versions,
}: {
  readonly name: string
  readonly versions: readonly VersionView[]
}) {
  const { extensions: texts } = useTexts()
  const [{ tab, version, from, to }, setUrl] = useUrlState(urlSchema)
  return (
    <Tabs
      activeTabId={tab}
      ariaLabel={name}
      onChange={({ detail }) => setUrl({ tab: tabs.find((id) => id === detail.activeTabId) ?? 'versions' })}
      tabs={[
        {
          id: 'versions',
          label: texts.detailTabs.versions(versions.length),
          content: (
            <VersionsTable
              name={name}
              versions={versions}
              selected={version}
              onSelect={(chosen) => setUrl({ version: chosen })}
              onCompare={(older, newer) => setUrl({ tab: 'difference', from: older, to: newer })}
            />
          ),
        },
        {
          id: 'difference',
          label: texts.detailTabs.difference,
          content: <DifferenceView versions={versions} from={from} to={to} onChange={setUrl} />,
        },
        {
          id: 'installed',
          label: texts.detailTabs.installed,
          content: tab === 'installed' && <CoverageView name={name} />,
        },
      ]}
    />
  )
}
