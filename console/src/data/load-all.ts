import { itemsOf, type PageQuery, type ResultPage } from '../../../src/client/pages.ts'

/** Loads all pages of a list, up to `limit` items. */
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
