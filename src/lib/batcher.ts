/**
 * Natural batching: items that arrive while a batch runs form the next batch. An item alone does
 * not wait; under load, batches grow. One batch runs at a time, in order of arrival; if items have
 * owners, in rounds of one item per owner, so that an owner with many items delays only its own.
 */
export interface Batcher<Item, Result> {
  add(item: Item): Promise<Result>
  /** Resolves when all items added so far are processed. */
  drained(): Promise<void>
  /** Number of waiting and running items. */
  readonly size: number
}

export interface BatcherOptions<Item> {
  readonly maxItems: number
  /**
   * Whether one item may have caused this error: then the batch is bisected until that item fails
   * alone.
   */
  readonly isOneItemsFault: (error: unknown) => boolean
  /** Owner of the item. Absent: all items have one owner. */
  readonly ownerOf?: (item: Item) => string
  /** Weight of an item, and maximum weight of a batch; one item always fits. */
  readonly weight?: { readonly of: (item: Item) => number; readonly max: number }
}

/**
 * `run` receives 1 to `maxItems` items and returns one result per item, in order. After an error it
 * may receive the same items again.
 */
export function createBatcher<Item, Result>(
  run: (items: Item[]) => Promise<readonly Result[]>,
  { maxItems, isOneItemsFault, ownerOf = () => '', weight }: BatcherOptions<Item>,
): Batcher<Item, Result> {
  type Waiting = { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void }
  /** In order of their turns. After its turn, an owner waits behind all others. */
  const queues = new Map<string, Queue<Waiting>>()
  let waitingCount = 0
  let underWay = 0
  let working: Promise<void> | undefined

  async function work(): Promise<void> {
    // One turn of the event loop: items from the same read of the socket belong together.
    await new Promise<void>((resolve) => setImmediate(resolve))
    while (waitingCount > 0) {
      const batch = takeBatch()
      underWay = batch.length
      await serve(batch)
      underWay = 0
    }
    working = undefined
  }

  function takeBatch(): Waiting[] {
    const batch: Waiting[] = []
    let weighs = 0
    // A Map iterates over keys that are added during the iteration, so owners that move to the end
    // are visited again.
    for (const [owner, queue] of queues) {
      const next = queue.first() as Waiting
      weighs += weight?.of(next.item) ?? 0
      if (batch.length > 0 && (batch.length >= maxItems || weighs > (weight?.max ?? Number.POSITIVE_INFINITY))) break
      batch.push(queue.take())
      queues.delete(owner)
      if (queue.size > 0) queues.set(owner, queue)
    }
    waitingCount -= batch.length
    return batch
  }

  async function serve(batch: readonly Waiting[]): Promise<void> {
    try {
      const results = await run(batch.map(({ item }) => item))
      batch.forEach(({ resolve }, index) => resolve(results[index] as Result))
    } catch (error) {
      if (batch.length > 1 && isOneItemsFault(error)) {
        const middle = Math.ceil(batch.length / 2)
        await serve(batch.slice(0, middle))
        await serve(batch.slice(middle))
      } else for (const { reject } of batch) reject(error)
    }
  }

  return {
    add(item) {
      return new Promise((resolve, reject) => {
        const owner = ownerOf(item)
        const queue = queues.get(owner) ?? new Queue<Waiting>()
        if (queue.size === 0) queues.set(owner, queue)
        queue.add({ item, resolve, reject })
        waitingCount += 1
        working ??= work()
      })
    },
    async drained() {
      while (working) await working
    },
    get size() {
      return waitingCount + underWay
    },
  }
}

/** FIFO queue; taking an item is O(1). */
class Queue<Item> {
  #items: Item[] = []
  #taken = 0

  get size(): number {
    return this.#items.length - this.#taken
  }

  add(item: Item): void {
    this.#items.push(item)
  }

  first(): Item | undefined {
    return this.#items[this.#taken]
  }

  take(): Item {
    const item = this.#items[this.#taken++] as Item
    if (this.#taken * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#taken)
      this.#taken = 0
    }
    return item
  }
}
