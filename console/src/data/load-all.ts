import { itemsOf, type PageQuery, type ResultPage } from '../../../src/client/pages.ts'

/** A list that is looked through in one piece: every item of it, or as many as `limit`. */
export async function loadAll<Item>(
  list: (page: PageQuery) => Promise<ResultPage<Item>>,
  limit = Number.POSITIVE_INFINITY,
): Promise<Item[]> {
  const items: Item[] = []
  for await (const item of itemsOf(list)) {
    items.push(item)
    if (items.length >= limit) break
  }
  return items
}
