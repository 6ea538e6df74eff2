/**
 * Natural batching: what arrives while a batch is under way goes together in the next one. Alone, an item waits for nothing;
 * under load, batches grow by themselves. One batch at a time, in order of arrival; where items have owners, in rounds of one item per owner,
 * so that an owner with many items delays its own only.
 */
export interface Batcher<Item, Result> {
  add(item: Item): Promise<Result>
  /** Resolves when everything added so far is done. */
  drained(): Promise<void>
  /** Items waiting or under way. */
  readonly size: number
}

export interface BatcherOptions<Item> {
  readonly maxItems: number
  /** Whether a batch that failed so may have failed for one of its items: then halves are tried until that one fails alone. */
  readonly isOneItemsFault: (error: unknown) => boolean
  /** Whose item it is. Absent: all items have one owner. */
  readonly ownerOf?: (item: Item) => string
  /** What an item weighs, and how much goes into one batch; one item always does. */
  readonly weight?: { readonly of: (item: Item) => number; readonly max: number }
}

/** `run` gets 1 to `maxItems` items and gives one result for each, in order; it may get items again after it threw. */
export function createBatcher<Item, Result>(
  run: (items: Item[]) => Promise<readonly Result[]>,
  { maxItems, isOneItemsFault, ownerOf = () => '', weight }: BatcherOptions<Item>,
): Batcher<Item, Result> {
  type Waiting = { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void }
  /** In the order of their turns. An owner whose turn has come waits behind all others for its next one. */
  const queues = new Map<string, Queue<Waiting>>()
  let waitingCount = 0
  let underWay = 0
  let working: Promise<void> | undefined

  async function work(): Promise<void> {
    // One turn of the event loop: what arrives in the same read of the socket belongs together.
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
    // Owners that are put at the end meanwhile are visited again: a Map iterates over what is added to it.
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

/** First in, first out; taking costs the same however many wait. */
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
