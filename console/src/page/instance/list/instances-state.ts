import { type InstanceSort, instanceSorts } from '../../../../../src/protocol/api/instances.ts'
import {
  choiceParameter,
  listParameter,
  numberParameter,
  textParameter,
  type UrlState,
} from '../../../url/use-url-state.ts'
import type { InstanceFilterState } from './filter-tokens.ts'

const sorts: readonly InstanceSort[] = instanceSorts.flatMap((sort) => [sort, `-${sort}`] as const)

/** State of the instances list in its address. */
export const instancesSchema = {
  /** Conditions; see core/instance/instance-filter.ts. */
  filter: textParameter(),
  /** Part of a name, address or ID. */
  q: textParameter(),
  /** Used by links of other pages; becomes a condition. */
  status: textParameter(),
  sort: choiceParameter(sorts, 'name'),
  /** For display only: `at`, the server's token, defines the page. */
  page: numberParameter(1),
  at: textParameter(),
  selected: listParameter(),
  enrol: choiceParameter(['', 'true'], ''),
}
export type InstancesState = UrlState<typeof instancesSchema>
export type ChangeInstances = (change: Partial<InstancesState>) => void

export const firstPage = { page: 1, at: '' } as const

/** Download address for the filtered list. */
export function renderCsvAddress({ filter, search }: InstanceFilterState): string {
  const query = new URLSearchParams({ ...(filter !== '' && { filter }), ...(search !== '' && { search }) })
  return `/api/v1/instances.csv${query.size > 0 ? `?${query.toString()}` : ''}`
}

/** Sorting of the table and of the server. */
export const readSort = (sort: InstanceSort) =>
  sort.startsWith('-') ? { column: sort.slice(1), isDescending: true } : { column: sort, isDescending: false }
export const renderSort = (column: string, isDescending: boolean): InstanceSort =>
  sorts.find((sort) => sort === `${isDescending ? '-' : ''}${column}`) ?? 'name'

export interface PageTokens {
  readonly previousToken?: string | undefined
  readonly nextToken?: string | undefined
}

/** Targets of Previous and Next, undefined if there are none. */
export function turnPage(
  { page }: Pick<InstancesState, 'page'>,
  tokens: PageTokens,
  step: 1 | -1,
): Pick<InstancesState, 'page' | 'at'> | undefined {
  const token = step === 1 ? tokens.nextToken : tokens.previousToken
  if (token === undefined) return undefined
  const next = Math.max(1, page + step)
  // Returns to the first page: rows may have shifted.
  return next === 1 ? firstPage : { page: next, at: token }
}
