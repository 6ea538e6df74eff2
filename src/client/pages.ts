export interface ResultPage<Item> {
  readonly items: Item[]
  readonly nextToken?: string | undefined
}

export interface PageQuery {
  /** 1 to 1,000; the server's default is 100. */
  readonly maxResults?: number | undefined
  readonly nextToken?: string | undefined
}

/** Every item of a list; fetches the next page when the caller has consumed the previous one. */
export async function* itemsOf<Item>(list: (page: PageQuery) => Promise<ResultPage<Item>>): AsyncGenerator<Item, void> {
  let nextToken: string | undefined
  do {
    const page = await list({ maxResults: maxPageSize, nextToken })
    yield* page.items
    nextToken = page.nextToken
  } while (nextToken !== undefined)
}

const maxPageSize = 1_000
