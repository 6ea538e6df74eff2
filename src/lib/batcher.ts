/**
 * Natural batching: what arrives while a batch is under way goes together in the next one. Alone, an item waits for nothing;
 * under load, batches grow by themselves. One batch at a time, in order of arrival.
 */
export interface Batcher<Item, Result> {
  add(item: Item): Promise<Result>
  /** Resolves when everything added so far is done. */
  drained(): Promise<void>
  /** Items waiting or under way. */
  readonly size: number
}

/** `run` gets 1 to `maxItems` items and gives one result for each, in order; if it throws, every item of the batch is refused with that. */
export function createBatcher<Item, Result>(
  run: (items: Item[]) => Promise<readonly Result[]>,
  options: { readonly maxItems: number },
): Batcher<Item, Result> {
  type Waiting = { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void }
  let waiting: Waiting[] = []
  let underWay = 0
  let working: Promise<void> | undefined

  async function work(): Promise<void> {
    // One turn of the event loop: what arrives in the same read of the socket belongs together.
    await new Promise<void>((resolve) => setImmediate(resolve))
    while (waiting.length > 0) {
      const batch = waiting.slice(0, options.maxItems)
      waiting = waiting.slice(options.maxItems)
      underWay = batch.length
      try {
        const results = await run(batch.map(({ item }) => item))
        batch.forEach(({ resolve }, index) => resolve(results[index] as Result))
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
      underWay = 0
    }
    working = undefined
  }

  return {
    add(item) {
      return new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject })
        working ??= work()
      })
    },
    async drained() {
      while (working) await working
    },
    get size() {
      return waiting.length + underWay
    },
  }
}
