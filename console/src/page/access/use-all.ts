import type { Client } from '../../../../src/client/client.ts'
import { itemsOf, type PageQuery, type ResultPage } from '../../../../src/client/pages.ts'
import { type QueryResult, useQuery } from '../../data/use-query.ts'

/** Limit for lists in the console; use the command line for more. */
export const maxRows = 5_000

export interface All<Item> {
  readonly items: readonly Item[]
  /** The list is longer than what is shown. */
  readonly isCut: boolean
}

/** Loads a complete list: access lists are short, so search and sorting run in the browser. */
export const useAll = <Item>(
  kind: string,
  listOf: (client: Client) => (page: PageQuery) => Promise<ResultPage<Item>>,
): QueryResult<All<Item>> => useQuery(`access/${kind}`, (client) => gather(listOf(client)))

async function gather<Item>(list: (page: PageQuery) => Promise<ResultPage<Item>>): Promise<All<Item>> {
  const items: Item[] = []
  for await (const item of itemsOf(list)) {
    if (items.length === maxRows) return { items, isCut: true }
    items.push(item)
  }
  return { items, isCut: false }
}
