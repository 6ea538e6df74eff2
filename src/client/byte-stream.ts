/** The chunks of a stream; leaving the loop cancels it. (Not every browser can loop over a stream itself.) */
export async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const reader = stream.getReader()
  let isOver = false
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      yield value
    }
    isOver = true
  } finally {
    // A stream that broke reports it by itself; cancelling it again has nothing to add.
    if (!isOver) await reader.cancel().catch(() => undefined)
  }
}
