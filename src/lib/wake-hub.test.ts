import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { createWakeHub } from './wake-hub.ts'

const never = new AbortController().signal

test('a watcher wakes for its key, once for all changes since the last call', async () => {
  const hub = createWakeHub()
  const watch = hub.watch('a')
  hub.wake(['b', 'a', 'a'])
  await watch.wait(never)
  const again = watch.wait(AbortSignal.timeout(5)).then(() => 'waited')
  expect(await Promise.race([again, Promise.resolve('at once')])).toBe('at once')
  await again
})

test('a watcher of all keys gets each key once, and learns whether some were dropped', async () => {
  const hub = createWakeHub()
  const watch = hub.watchAll(2)
  hub.wake(['a', 'b', 'a'])
  await watch.wait(never)
  expect(watch.take()).toEqual({ keys: ['a', 'b'], isComplete: true })
  expect(watch.take()).toEqual({ keys: [], isComplete: true })
  hub.wake(['a', 'b', 'c', 'a'])
  expect(watch.take()).toEqual({ keys: ['a', 'b'], isComplete: false })
  watch.close()
  hub.wake(['a'])
  expect(watch.take()).toEqual({ keys: [], isComplete: true })
})

test('waiting leaves no listener on the signal, however often', async () => {
  const hub = createWakeHub()
  const watch = hub.watch('a')
  const stop = new AbortController()
  for (let round = 0; round < 3; round++) {
    const waited = watch.wait(stop.signal)
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(1)
    hub.wake(['a'])
    await waited
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0)
  }
  const last = watch.wait(stop.signal)
  stop.abort()
  await last
})

test('a watcher can wake itself', async () => {
  const watch = createWakeHub().watch('a')
  const waited = watch.wait(never)
  watch.wake()
  expect(await waited).toBeUndefined()
})
