/**
 * A signal that aborts when the process receives one of the signals in `names`, or when `given`
 * aborts. Dispose it to remove the listeners.
 */
export function createStopSignal(
  given?: AbortSignal,
  names: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT'],
): { readonly signal: AbortSignal; [Symbol.dispose](): void } {
  const stop = new AbortController()
  const abort = () => stop.abort()
  for (const name of names) process.once(name, abort)
  if (given?.aborted) abort()
  given?.addEventListener('abort', abort, { once: true })
  return {
    signal: stop.signal,
    [Symbol.dispose]() {
      for (const name of names) process.off(name, abort)
      given?.removeEventListener('abort', abort)
    },
  }
}
