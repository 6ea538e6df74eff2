import SegmentedControl from '@cloudscape-design/components/segmented-control'
import SpaceBetween from '@cloudscape-design/components/space-between'
import TextFilter from '@cloudscape-design/components/text-filter'
import { useTexts } from '../../../i18n/language.tsx'
import { useUrlState } from '../../../url/use-url-state.ts'
import { instanceUrl } from '../instance-url.ts'
import { shownExtensions } from './find-extensions-here.ts'

export function InstanceExtensionsFilter({ matchCount }: { readonly matchCount: number }) {
  const { data, instances } = useTexts()
  const { extensions: texts } = instances
  const [{ find, show }, setUrl] = useUrlState(instanceUrl)
  return (
    <SpaceBetween size="s">
      <TextFilter
        filteringText={find}
        filteringPlaceholder={texts.find}
        filteringAriaLabel={texts.find}
        filteringClearAriaLabel={data.clearFilter}
        countText={find === '' && show === 'all' ? '' : data.matches(matchCount)}
        onChange={({ detail }) => setUrl({ find: detail.filteringText, page: 1 })}
      />
      <SegmentedControl
        label={texts.show}
        selectedId={show}
        options={shownExtensions.map((id) => ({ id, text: texts.shown[id] }))}
        onChange={({ detail }) =>
          setUrl({ show: shownExtensions.find((id) => id === detail.selectedId) ?? 'all', page: 1 })
        }
      />
    </SpaceBetween>
  )
}
