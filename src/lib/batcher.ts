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

export interface BatcherOptions {
  readonly maxItems: number
  /** Whether a batch that failed so may have failed for one of its items: then each is tried alone, and has its own answer. */
  readonly isOneItemsFault: (error: unknown) => boolean
}

/** `run` gets 1 to `maxItems` items and gives one result for each, in order; it may get items again after it threw. */
export function createBatcher<Item, Result>(
  run: (items: Item[]) => Promise<readonly Result[]>,
  { maxItems, isOneItemsFault }: BatcherOptions,
): Batcher<Item, Result> {
  type Waiting = { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void }
  let waiting: Waiting[] = []
  let underWay = 0
  let working: Promise<void> | undefined

  async function work(): Promise<void> {
    // One turn of the event loop: what arrives in the same read of the socket belongs together.
    await new Promise<void>((resolve) => setImmediate(resolve))
    while (waiting.length > 0) {
      const batch = waiting.slice(0, maxItems)
      waiting = waiting.slice(maxItems)
      underWay = batch.length
      await serve(batch)
      underWay = 0
    }
    working = undefined
  }

  async function serve(batch: readonly Waiting[]): Promise<void> {
    try {
      const results = await run(batch.map(({ item }) => item))
      batch.forEach(({ resolve }, index) => resolve(results[index] as Result))
    } catch (error) {
      if (batch.length > 1 && isOneItemsFault(error)) {
        for (const one of batch) await serve([one])
      } else for (const { reject } of batch) reject(error)
    }
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
