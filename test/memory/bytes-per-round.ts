/**
 * Repeats `round` and prints, as JSON, the heap growth per round in bytes. Allocations of the first
 * rounds (compiled code, connections, caches of a fixed size) do not count as growth. Needs
 * `--expose-gc`.
 */
export async function printBytesPerRound(rounds: number, round: () => Promise<void>): Promise<void> {
  for (let n = 0; n < Math.ceil(rounds / 3); n++) await round()
  const before = await measureHeap()
  for (let n = 0; n < rounds; n++) await round()
  const after = await measureHeap()
  process.stdout.write(`${JSON.stringify({ bytesPerRound: Math.round((after - before) / rounds) })}\n`)
}

async function measureHeap(): Promise<number> {
  const { gc } = globalThis
  if (gc === undefined) throw new Error('start it with node --expose-gc')
  // Objects that one collection frees may hold others that only the next one can free.
  for (let n = 0; n < 4; n++) {
    gc()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return process.memoryUsage().heapUsed
}
