import { beforeEach, expect, test } from 'vitest'
import type { ServerEvent } from '../../../../src/client/event-parser.ts'
import type { Topic } from '../../../../src/protocol/api/streams.ts'
import { connectElectedHub, type Locks, type TabChannel } from './elected-hub.ts'
import { createOpener, createTestClock, settle, type TestConnection } from './hub-test-parts.ts'
import { createStreamHub } from './stream-hub.ts'
import { createTabStreams } from './tab-streams.ts'

/** Channels and locks of a browser. Frozen tabs receive no messages and run no timers. */
function createBrowser() {
  const open = new Map<string, Set<TestChannel>>()
  const frozen = new Map<string, (() => void)[]>()
  let holder: { readonly tab: string; readonly lose: () => void } | undefined
  const queue: { readonly tab: string; readonly grant: () => void }[] = []
  const deliver = (tab: string, run: () => void) => {
    const waiting = frozen.get(tab)
    if (waiting) waiting.push(run)
    else queueMicrotask(run)
  }
  interface TestChannel extends TabChannel {
    readonly tab: string
  }
  const grantNext = () => {
    if (!holder) queue.shift()?.grant()
  }
  return {
    openChannel(tab: string, name: string): TabChannel {
      const all = open.get(name) ?? new Set()
      open.set(name, all)
      const channel: TestChannel = {
        tab,
        onmessage: null,
        postMessage(message) {
          const data: unknown = structuredClone(message)
          for (const other of all)
            if (other !== channel)
              deliver(other.tab, () => all.has(other) && other.onmessage?.({ data } as MessageEvent))
        },
        close: () => void all.delete(channel),
      }
      all.add(channel)
      return channel
    },
    locksOf: (tab: string): Locks => ({
      request: (_, { signal, steal }, run) =>
        new Promise((resolve, reject) => {
          const lose = () => deliver(tab, () => reject(new DOMException('', 'AbortError')))
          const entry = {
            tab,
            grant() {
              const own = { tab, lose }
              holder = own
              deliver(tab, () => {
                void Promise.resolve(run()).then((value) => {
                  if (holder !== own) return
                  holder = undefined
                  grantNext()
                  resolve(value)
                })
              })
            },
          }
          signal?.addEventListener('abort', () => {
            const place = queue.indexOf(entry)
            if (place < 0) return
            queue.splice(place, 1)
            lose()
          })
          if (steal) {
            holder?.lose()
            entry.grant()
          } else {
            queue.push(entry)
            grantNext()
          }
        }),
    }),
    freeze: (tab: string) => void frozen.set(tab, []),
    isFrozen: (tab: string) => frozen.has(tab),
    thaw(tab: string) {
      const waiting = frozen.get(tab) ?? []
      frozen.delete(tab)
      for (const run of waiting) queueMicrotask(run)
    },
    /** The tab crashes. */
    crash(tab: string) {
      frozen.set(tab, [])
      for (const channels of open.values())
        for (const channel of channels) if (channel.tab === tab) channels.delete(channel)
      if (holder?.tab !== tab) return
      holder = undefined
      grantNext()
    },
  }
}

let browser: ReturnType<typeof createBrowser>
let clock: ReturnType<typeof createTestClock>
/** By tab name. */
let connections: Record<string, TestConnection[]>

beforeEach(() => {
  browser = createBrowser()
  clock = createTestClock()
  connections = {}
})

function openTab(id: string, isVisible = () => true) {
  const received: string[] = []
  const statuses: boolean[] = []
  const streams = createTabStreams((isLive) => statuses.at(-1) === isLive || statuses.push(isLive))
  const own: TestConnection[] = (connections[id] = [])
  const setTimer = (run: () => void, delayMs: number) =>
    clock.setTimer(() => (browser.isFrozen(id) ? undefined : run()), delayMs)
  const { leave } = connectElectedHub(streams, {
    id,
    locks: browser.locksOf(id),
    openChannel: (name) => browser.openChannel(id, name),
    openHub: () => createStreamHub({ open: createOpener(own), now: clock.now, setTimer: clock.setTimer }),
    isVisible,
    setTimer,
  })
  return {
    received,
    statuses,
    leave,
    follow(topic: Topic) {
      void (async () => {
        for await (const { name, id: place } of streams.follow(topic, undefined)) received.push(`${name} ${place}`)
      })()
    },
  }
}

const lists: Topic = { kind: 'lists' }
const output: Topic = { kind: 'output', id: 'exec-1', instanceId: 'i-1' }
const piece = (n: number): ServerEvent => ({ id: `output/exec-1/i-1@inv:1:${n}`, name: 'output', data: '{}' })
const opened = () => Object.fromEntries(Object.entries(connections).map(([id, own]) => [id, own.length]))
const live = () =>
  Object.entries(connections).flatMap(([id, own]) => (own.some(({ signal }) => !signal.aborted) ? [id] : []))

async function connect(tab: string): Promise<TestConnection> {
  await settle()
  await clock.advance(50)
  const connection = connections[tab]?.at(-1)
  if (!connection) throw new Error(`${tab} has no connection`)
  await connection.send('open')
  return connection
}

test('eight tabs share one connection, which carries the topics of all of them', async () => {
  const tabs = Array.from({ length: 8 }, (_, n) => openTab(`tab-${n}`))
  tabs[0]!.follow(lists)
  for (const tab of tabs.slice(1)) tab.follow(output)
  const connection = await connect('tab-0')
  expect(connection.topics).toEqual(['lists', 'output/exec-1/i-1'])
  await connection.send(piece(3))
  for (const tab of tabs.slice(1))
    expect([tab.received, tab.statuses.at(-1)]).toEqual([['output output/exec-1/i-1@inv:1:3'], true])
  expect(tabs[0]!.received).toEqual([])
  expect(live()).toEqual(['tab-0'])
})

test.each([
  ['closes', (tab: ReturnType<typeof openTab>) => tab.leave()],
  ['crashes', () => browser.crash('a')],
])('the leader %s: another tab takes over, and the others continue at their position', async (_, end) => {
  const leader = openTab('a')
  const tabs = [openTab('b'), openTab('c')]
  leader.follow(lists)
  for (const tab of tabs) tab.follow(output)
  await (await connect('a')).send(piece(3))
  end(leader)
  const next = await connect('b')
  expect(next.topics).toEqual(['output/exec-1/i-1@inv:1:3'])
  await next.send(piece(7))
  for (const tab of tabs)
    expect(tab.received).toEqual(['output output/exec-1/i-1@inv:1:3', 'output output/exec-1/i-1@inv:1:7'])
  for (const tab of tabs) expect(tab.statuses).toEqual([false, true, false, true])
})

test('a leader that closes closes its connection', async () => {
  const leader = openTab('a')
  leader.follow(lists)
  const connection = await connect('a')
  leader.leave()
  expect(connection.signal.aborted).toBe(true)
})

test('a visible tab replaces a frozen leader; after thawing, the old leader follows', async () => {
  const frozen = openTab('a')
  const visible = openTab('b')
  frozen.follow(lists)
  visible.follow(output)
  const old = await connect('a')
  await old.send(piece(3))
  browser.freeze('a')
  await clock.advance(20_000)
  const next = await connect('b')
  expect(next.topics).toEqual(['output/exec-1/i-1@inv:1:3'])
  await old.send(piece(4))
  browser.thaw('a')
  await settle()
  await clock.advance(2_000)
  expect(old.signal.aborted).toBe(true)
  await connections['b']!.at(-1)!.send('open')
  expect(connections['b']!.at(-1)!.topics).toEqual(['output/exec-1/i-1@inv:1:3', 'lists'])
  await connections['b']!.at(-1)!.send({ id: 'lists', name: 'changed', data: '{}' })
  expect(frozen.received).toEqual(['changed lists'])
  expect(visible.received).toEqual(['output output/exec-1/i-1@inv:1:3'])
  expect(live()).toEqual(['b'])
})

test('a responsive leader keeps its role; a hidden tab never takes it', async () => {
  openTab('a').follow(lists)
  openTab('b').follow(output)
  openTab('c', () => false).follow(output)
  await connect('a')
  await clock.advance(600_000)
  expect([opened()['b'], opened()['c']]).toEqual([0, 0])
  browser.freeze('a')
  browser.freeze('b')
  await clock.advance(600_000)
  expect(opened()['c']).toBe(0)
})
