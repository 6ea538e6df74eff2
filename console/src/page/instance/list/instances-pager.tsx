import Button from '@cloudscape-design/components/button'
import Pagination from '@cloudscape-design/components/pagination'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useTexts } from '../../../i18n/language.tsx'
import { type ChangeInstances, firstPage, type InstancesState, type PageTokens, turnPage } from './instances-state.ts'
import type { Instances } from './use-instances.ts'

/** Pagination by the tokens of the server. */
export function InstancesPager({
  state,
  change,
  instances: { page, total },
  pageSize,
}: {
  readonly state: InstancesState
  readonly change: ChangeInstances
  readonly instances: Instances
  readonly pageSize: number
}) {
  const { data, instances } = useTexts()
  const tokens: PageTokens = page.isOld ? {} : (page.data ?? {})
  // While a page loads, the next one is unknown; the button stays, to keep the focus.
  const isLast = !page.isOld && tokens.nextToken === undefined
  const counted = total ? Math.ceil(total.count / pageSize) : 0
  return (
    <SpaceBetween direction="horizontal" size="xxs">
      {(state.page > 1 || state.at !== '') && (
        <Button
          variant="icon"
          iconName="angle-left-double"
          ariaLabel={instances.pages.first}
          onClick={() => change(firstPage)}
        />
      )}
      <Pagination
        pagesVariant="compact"
        currentPageIndex={state.page}
        pagesCount={isLast ? state.page : Math.max(state.page + 1, counted)}
        openEnd={!isLast && total?.isExact !== true}
        ariaLabels={{
          paginationLabel: instances.pages.label,
          nextPageLabel: data.nextPage,
          previousPageLabel: data.previousPage,
          pageLabel: data.pageNumber,
        }}
        onChange={({ detail }) => {
          const place = turnPage(state, tokens, detail.currentPageIndex > state.page ? 1 : -1)
          if (place) change(place)
        }}
      />
    </SpaceBetween>
  )
}
