import { describe, expect, test } from 'vitest'
import { ClientError, UnreachableError } from '../../../src/client/client-error.ts'
import { createQueryStore } from './query-store.ts'

/** A store with requests that the test answers and timers that it runs. */
function startStore() {
  const reports: string[] = []
  const timers: { readonly run: () => void; readonly delayMs: number }[] = []
  const requests: {
    readonly signal: AbortSignal
    answer(data: unknown): Promise<void>
    fail(error: Error): Promise<void>
  }[] = []
  const store = createQueryStore({
    connection: { lost: () => void reports.push('lost'), back: () => void reports.push('back') },
    onSignedOut: () => void reports.push('signed out'),
    setTimer(run, delayMs) {
      const timer = { run, delayMs }
      timers.push(timer)
      return () => {
        const index = timers.indexOf(timer)
        if (index >= 0) timers.splice(index, 1)
      }
    },
  })
  const load = (signal: AbortSignal) => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    // The store's handlers run before the awaited promise continues.
    const settled = () =>
      promise.then(
        () => undefined,
        () => undefined,
      )
    requests.push({
      signal,
      answer: (data) => (resolve(data), settled()),
      fail: (error) => (reject(error), settled()),
    })
    return promise
  }
  const open = (key: string) => store.subscribe(key, load, () => undefined)
  return { store, open, reports, requests, timers }
}

describe('requests', () => {
  test('two subscribers share one request, and a later one gets the cached result with a refetch', async () => {
    const { store, open, requests } = startStore()
    open('list')
    open('list')
    expect(requests).toHaveLength(1)
    await requests[0]!.answer('first')
    expect(store.state('list')).toEqual({ data: 'first', error: undefined, isLoading: false })
    open('list')
    expect(requests).toHaveLength(2)
    expect(store.state('list')).toEqual({ data: 'first', error: undefined, isLoading: true })
  })

  test('a change during a request, also during the first one, leads to exactly one more request', async () => {
    const { store, open, requests } = startStore()
    open('list')
    store.refresh('list')
    store.refresh('list')
    expect(requests).toHaveLength(1)
    await requests[0]!.answer('before the change')
    expect(store.state('list')).toEqual({ data: 'before the change', error: undefined, isLoading: true })
    expect(requests).toHaveLength(2)
    await requests[1]!.answer('after the change')
    expect(store.state('list')).toEqual({ data: 'after the change', error: undefined, isLoading: false })
    expect(requests).toHaveLength(2)
  })

  test('refresh reaches subscribed keys with the prefix only', async () => {
    const { store, open, requests } = startStore()
    const close = open('executions/exec-1')
    open('executions/exec-2')
    open('instances')
    for (const request of requests) await request.answer('data')
    close()
    store.refresh('executions/')
    expect(requests).toHaveLength(4)
    expect(store.state('executions/exec-2').isLoading).toBe(true)
    expect(store.state('instances').isLoading).toBe(false)
  })

  test('the last subscriber that leaves aborts the request, whose answer is ignored', async () => {
    const { store, open, requests } = startStore()
    const close = [open('list'), open('list')]
    close[0]!()
    expect(requests[0]!.signal.aborted).toBe(false)
    close[1]!()
    expect(requests[0]!.signal.aborted).toBe(true)
    await requests[0]!.answer('late')
    expect(store.state('list').data).toBeUndefined()
  })
})

describe('errors', () => {
  const unreachable = () => new UnreachableError('http://server', new Error('refused'))
  const refused = (status: number) => new ClientError({ code: 'Refused', status, detail: 'no', next: '' })

  test('an unreachable server is retried with growing delays; data and error stay visible meanwhile', async () => {
    const { store, open, requests, timers, reports } = startStore()
    open('list')
    await requests[0]!.answer('data')
    store.refresh()
    for (const delayMs of [500, 1_000, 2_000]) {
      await requests.at(-1)!.fail(unreachable())
      expect(store.state('list')).toMatchObject({
        data: 'data',
        error: { code: 'ServerUnreachable' },
        isLoading: false,
      })
      expect(timers.at(-1)?.delayMs).toBe(delayMs)
      timers.at(-1)!.run()
    }
    expect(reports.at(-1)).toBe('lost')
    await requests.at(-1)!.answer('new data')
    expect(store.state('list')).toEqual({ data: 'new data', error: undefined, isLoading: false })
    expect(reports.at(-1)).toBe('back')
  })

  test('a refusal is not retried; one for a missing session signs out', async () => {
    const { store, open, requests, timers, reports } = startStore()
    open('list')
    await requests[0]!.fail(refused(403))
    expect(store.state('list')).toMatchObject({ error: { status: 403 }, isLoading: false })
    expect(timers).toEqual([])
    expect(reports).not.toContain('signed out')
    store.refresh()
    await requests[1]!.fail(refused(401))
    expect(reports).toContain('signed out')
  })
})

test('clearing removes the data of the previous user', async () => {
  const { store, open, requests } = startStore()
  open('list')
  await requests[0]!.answer('secret')
  store.clear()
  expect(store.state('list').data).toBeUndefined()
})
