/** Batches one after the other that are of one size. */
export interface BatchGroup {
  /** Numbers of the first and the last of them, from 1. */
  readonly first: number
  readonly last: number
  /** Of each. */
  readonly size: number
}

/** Batches as a person reads them: `1 · 10 · 50, four times · 39`. */
export function groupBatches(sizes: readonly number[]): BatchGroup[] {
  const groups: { first: number; last: number; size: number }[] = []
  for (const [index, size] of sizes.entries()) {
    const group = groups.at(-1)
    if (group?.size === size) group.last = index + 1
    else groups.push({ first: index + 1, last: index + 1, size })
  }
  return groups
}

export interface BatchBox {
  readonly number: number
  readonly size: number
  /** In parts of the whole width, 0 to 1. */
  readonly start: number
  readonly width: number
  /** How much of it may run at once, 0 to 1. */
  readonly atOnce: number
}

/** Where each batch is drawn in a bar of all: as wide as it is large. */
export function placeBatches(sizes: readonly number[], concurrency: number): BatchBox[] {
  const total = sizes.reduce((sum, size) => sum + size, 0)
  let done = 0
  return sizes.map((size, index) => {
    const start = done / total
    done += size
    return { number: index + 1, size, start, width: size / total, atOnce: Math.min(1, concurrency / size) }
  })
}
