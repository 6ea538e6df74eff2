/**
 * The chunks of a stream; leaving the loop cancels the stream. Not every browser can iterate over a
 * ReadableStream.
 */
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
    // A broken stream has already reported its error; an error of the cancel adds nothing.
    if (!isOver) await reader.cancel().catch(() => undefined)
  }
}
