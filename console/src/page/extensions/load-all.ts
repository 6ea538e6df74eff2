import { itemsOf, type Page, type PageQuery } from '../../../../src/client/pages.ts'

/** Extensions and versions are looked through in one piece: an organisation has some hundreds. */
const maxItems = 2_000

export async function loadAll<Item>(list: (page: PageQuery) => Promise<Page<Item>>): Promise<Item[]> {
  const items: Item[] = []
  for await (const item of itemsOf(list)) {
    items.push(item)
    if (items.length === maxItems) break
  }
  return items
}
