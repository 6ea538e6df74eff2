/** Aborts when the process is asked to end (SIGTERM, SIGINT), or when `given` does. Dispose of it to stop listening. */
export function createStopSignal(given?: AbortSignal): { readonly signal: AbortSignal; [Symbol.dispose](): void } {
  const stop = new AbortController()
  const abort = () => stop.abort()
  process.once('SIGTERM', abort)
  process.once('SIGINT', abort)
  if (given?.aborted) abort()
  given?.addEventListener('abort', abort, { once: true })
  return {
    signal: stop.signal,
    [Symbol.dispose]() {
      process.off('SIGTERM', abort)
      process.off('SIGINT', abort)
      given?.removeEventListener('abort', abort)
    },
  }
}
