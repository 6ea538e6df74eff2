import { ClientError } from '../client/client-error.ts'
import { printable } from './output/printable.ts'
import { UsageError } from './usage-error.ts'

/**
 * All items of a list. A filter that names something unknown to the server is a usage error.
 * @throws UsageError
 */
export async function loadFiltered<Item>(list: AsyncIterable<Item>, limit = Number.POSITIVE_INFINITY): Promise<Item[]> {
  const items: Item[] = []
  try {
    for await (const item of list) {
      items.push(item)
      if (items.length >= limit) break
    }
  } catch (error) {
    if (error instanceof ClientError && error.status === 404) {
      throw new UsageError(`${printable(error.message)} (${error.code})`, printable(error.next))
    }
    throw error
  }
  return items
}
