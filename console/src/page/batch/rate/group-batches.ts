/** Consecutive batches of equal size. */
export interface BatchGroup {
  /** First and last batch number, from 1. */
  readonly first: number
  readonly last: number
  /** Size of each batch. */
  readonly size: number
}

/** Groups equal batches: `1 · 10 · 50, four times · 39`. */
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
  /** Fraction of the total width, 0 to 1. */
  readonly start: number
  readonly width: number
  /** Fraction that runs concurrently, 0 to 1. */
  readonly atOnce: number
}

/** Positions of all batches in a bar, proportional to their size. */
export function placeBatches(sizes: readonly number[], concurrency: number): BatchBox[] {
  const total = sizes.reduce((sum, size) => sum + size, 0)
  let done = 0
  return sizes.map((size, index) => {
    const start = done / total
    done += size
    return { number: index + 1, size, start, width: size / total, atOnce: Math.min(1, concurrency / size) }
  })
}
