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

/** What of the list stands in the address. */
export const instancesSchema = {
  /** Conditions; see core/instance/instance-filter.ts. */
  filter: textParameter(),
  /** A part of a name, an address or an id. */
  q: textParameter(),
  /** As other pages link here; it becomes a condition. */
  status: textParameter(),
  sort: choiceParameter(sorts, 'name'),
  /** Only to be shown: where a page begins is said by `at`, the token that the server gave for it. */
  page: numberParameter(1),
  at: textParameter(),
  selected: listParameter(),
  enrol: choiceParameter(['', 'true'], ''),
}
export type InstancesState = UrlState<typeof instancesSchema>
export type ChangeInstances = (change: Partial<InstancesState>) => void

export const firstPage = { page: 1, at: '' } as const

/** Where the browser downloads all that the same filter lists. */
export function renderCsvAddress({ filter, search }: InstanceFilterState): string {
  const query = new URLSearchParams({ ...(filter !== '' && { filter }), ...(search !== '' && { search }) })
  return `/api/v1/instances.csv${query.size > 0 ? `?${query.toString()}` : ''}`
}

/** How the table says what it is sorted by, and how the server does. */
export const readSort = (sort: InstanceSort) =>
  sort.startsWith('-') ? { column: sort.slice(1), isDescending: true } : { column: sort, isDescending: false }
export const renderSort = (column: string, isDescending: boolean): InstanceSort =>
  sorts.find((sort) => sort === `${isDescending ? '-' : ''}${column}`) ?? 'name'

export interface PageTokens {
  readonly previousToken?: string | undefined
  readonly nextToken?: string | undefined
}

/** What Previous and Next ask for, or undefined where there is nothing. */
export function turnPage(
  { page }: Pick<InstancesState, 'page'>,
  tokens: PageTokens,
  step: 1 | -1,
): Pick<InstancesState, 'page' | 'at'> | undefined {
  const token = step === 1 ? tokens.nextToken : tokens.previousToken
  if (token === undefined) return undefined
  const next = Math.max(1, page + step)
  // From the beginning, not whatever is before: pages shift while instances come and go.
  return next === 1 ? firstPage : { page: next, at: token }
}
