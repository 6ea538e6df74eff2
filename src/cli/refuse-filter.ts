import { ClientError } from '../client/client-error.ts'
import { printable } from './output/printable.ts'
import { UsageError } from './usage-error.ts'

/**
 * Everything that a list holds. What its filter names and the server does not have is a mistake in the arguments.
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
