import type { Client } from '../../../../src/client/client.ts'
import { itemsOf, type PageQuery, type ResultPage } from '../../../../src/client/pages.ts'
import { type QueryResult, useQuery } from '../../data/use-query.ts'

/** A person looks through a few hundred at most; what is beyond is for the command line. */
export const maxRows = 5_000

export interface All<Item> {
  readonly items: readonly Item[]
  /** There are more than are shown. */
  readonly isCut: boolean
}

/** A whole list: those of access are short, so they are found in and sorted here. */
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
