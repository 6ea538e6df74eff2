import { beforeEach, expect, test } from 'vitest'
import { ClientError, UnreachableError } from '../../../../src/client/client-error.ts'
import type { ServerEvent } from '../../../../src/client/event-parser.ts'
import { nameTopic, type Topic } from '../../../../src/protocol/api/streams.ts'
import { createOpener, createTestClock, settle, type TestConnection } from './hub-test-parts.ts'
import type { HubMessage } from './messages.ts'
import { createStreamHub, type StreamHub } from './stream-hub.ts'
import { createTabStreams } from './tab-streams.ts'

let clock: ReturnType<typeof createTestClock>
let hub: StreamHub
let connections: TestConnection[]

beforeEach(() => {
  clock = createTestClock()
  connections = []
  hub = createStreamHub({ open: createOpener(connections), now: clock.now, setTimer: clock.setTimer })
})

/** A tab with the messages that it received. */
function openTab() {
  const received: string[] = []
  const statuses: boolean[] = []
  const streams = createTabStreams((isLive) => statuses.push(isLive))
  let isFrozen = false
  const waiting: HubMessage[] = []
  const post = hub.connect((message) => (isFrozen ? waiting.push(message) : streams.receive(message)))
  streams.attach(post)
  return {
    received,
    statuses,
    post,
    freeze: () => void (isFrozen = true),
    thaw: () => {
      isFrozen = false
      for (const message of waiting.splice(0)) streams.receive(message)
    },
    follow(topic: Topic) {
      const stop = new AbortController()
      void (async () => {
        try {
          for await (const { name, id, data } of streams.follow(topic, stop.signal))
            received.push(`${name} ${id}${data.length > 9 ? '' : ` ${data}`}`)
          received.push(`${nameTopic(topic)} is over`)
        } catch (error) {
          received.push((error as ClientError).code)
        }
      })()
      return () => stop.abort()
    },
  }
}

const event = (id: string, name: string, data = '{}'): ServerEvent => ({ id, name, data })
const lists: Topic = { kind: 'lists' }
const execution = (place: string): Topic => ({ kind: 'execution', id: 'exec-1', place })
const output: Topic = { kind: 'output', id: 'exec-1', instanceId: 'i-1' }
const last = () => connections.at(-1)!

async function connectAll(): Promise<void> {
  await settle()
  await clock.advance(50)
  await last().send('open')
}

test('eight tabs that follow three topics each share one connection', async () => {
  const tabs = Array.from({ length: 8 }, openTab)
  for (const tab of tabs) for (const topic of [lists, execution('7'), output]) tab.follow(topic)
  await connectAll()
  expect(connections.map(({ topics }) => topics)).toEqual([['lists', 'execution/exec-1@7', 'output/exec-1/i-1']])
  await last().send(event('output/exec-1/i-1@inv:1:3', 'output'))
  for (const tab of tabs)
    expect([tab.received, tab.statuses]).toEqual([['output output/exec-1/i-1@inv:1:3 {}'], [false, true]])
})

test('another topic opens another connection that continues the others; the first closes after it is open', async () => {
  const tab = openTab()
  tab.follow(lists)
  tab.follow(execution('7'))
  await connectAll()
  const [first] = connections
  await first!.send(event('lists', 'changed'))
  await first!.send(event('execution/exec-1@9-1', 'tasks'))
  tab.follow(output)
  await settle()
  await clock.advance(50)
  expect(last().topics).toEqual(['lists@now', 'execution/exec-1@9-1', 'output/exec-1/i-1'])
  await first!.send(event('execution/exec-1@9-2', 'tasks'))
  expect(first!.signal.aborted).toBe(false)
  await last().send('open')
  expect(first!.signal.aborted).toBe(true)
  await last().send(event('execution/exec-1@9-2', 'tasks'))
  expect(tab.received.filter((line) => line.includes('9-2'))).toHaveLength(2)
  expect(tab.statuses).toEqual([false, true])
})

test('a late follower misses nothing, and the others do not reread all lists', async () => {
  const tab = openTab()
  tab.follow(lists)
  tab.follow(execution('7'))
  tab.follow(output)
  await connectAll()
  await last().send(event('lists', 'changed', 'all'))
  await last().send(event('lists', 'changed', 'some'))
  await last().send(event('execution/exec-1@9-1', 'tasks'))
  await last().send(event('output/exec-1/i-1@inv:1:3', 'output'))
  const late = openTab()
  late.follow(lists)
  late.follow(execution('8'))
  late.follow(output)
  await settle()
  // Until the new connection is open, the old one still delivers.
  await clock.advance(50)
  await connections[0]!.send(event('execution/exec-1@9-2', 'tasks'))
  expect(last().topics).toEqual(['lists@now', 'execution/exec-1@8', 'output/exec-1/i-1'])
  expect(late.received).toEqual(['changed lists all', 'tasks execution/exec-1@9-2 {}'])
})

test('every tab shows a lost connection, and continues with all list changes it may have missed', async () => {
  const tabs = [openTab(), openTab()]
  for (const tab of tabs) tab.follow(lists)
  tabs[0]!.follow(execution('7'))
  await connectAll()
  await last().send(event('execution/exec-1@9-1', 'tasks'))
  await last().fail(new UnreachableError('http://a', new Error('silent')))
  for (const tab of tabs) expect(tab.statuses).toEqual([false, true, false])
  await clock.advance(200)
  expect(last().topics).toEqual(['lists', 'execution/exec-1@9-1'])
  await last().send('open')
  for (const tab of tabs) expect(tab.statuses).toEqual([false, true, false, true])
})

test('an error of a topic reaches its followers; an error of the connection reaches all, until they follow again', async () => {
  const tab = openTab()
  tab.follow(lists)
  tab.follow(output)
  await connectAll()
  const problem = { type: '', title: '', status: 403, code: 'AccessDenied', detail: '', next: '', requestId: '' }
  await last().send(event('output/exec-1/i-1', 'refused', JSON.stringify(problem)))
  expect(tab.received).toEqual(['AccessDenied'])
  await last().fail(new ClientError({ ...problem, code: 'SessionEnded', status: 401 }))
  expect(tab.received).toEqual(['AccessDenied', 'SessionEnded'])
  await clock.advance(60_000)
  expect(connections).toHaveLength(1)
  tab.follow(lists)
  await connectAll()
  expect(last().topics).toEqual(['lists'])
})

test('an ended topic is not requested again, and without followers there is no connection', async () => {
  const tab = openTab()
  const leave = tab.follow(lists)
  tab.follow(output)
  await connectAll()
  await last().send(event('output/exec-1/i-1', 'end'))
  expect(tab.received).toEqual(['end output/exec-1/i-1 {}', 'output/exec-1/i-1 is over'])
  leave()
  await settle()
  await clock.advance(2_000)
  expect(connections.map(({ signal }) => signal.aborted)).toEqual([true])
})

test('topics beyond the limit of a connection wait visibly for capacity', async () => {
  const many = openTab()
  const leaves = Array.from({ length: 64 }, (_, n) => many.follow({ kind: 'output', id: `exec-${n}` }))
  const late = openTab()
  late.follow(execution('7'))
  await connectAll()
  expect(last().topics).toHaveLength(64)
  expect([many.statuses.at(-1), late.statuses.at(-1)]).toEqual([true, false])
  leaves[0]!()
  await settle()
  await clock.advance(2_000)
  await last().send('open')
  expect(last().topics).toContain('execution/exec-1@7')
  expect(late.statuses.at(-1)).toBe(true)
})

test('a crashed tab is dropped, a tab that sends heartbeats is not', async () => {
  const crashed = openTab()
  crashed.follow(output)
  const alive = openTab()
  alive.follow(lists)
  await connectAll()
  for (let i = 0; i < 10; i++) {
    await clock.advance(45_000)
    alive.post({ kind: 'here' })
  }
  await last().send('open')
  expect(last().topics).toEqual(['lists@now'])
  // The tab was only suspended: it continues.
  crashed.post({ kind: 'here' })
  await clock.advance(50)
  expect(last().topics).toEqual(['lists@now', 'output/exec-1/i-1'])
})

test('a tab that handles nothing receives a limited number of events, and continues where it stopped', async () => {
  const frozen = openTab()
  frozen.follow(output)
  const other = openTab()
  other.follow(lists)
  await connectAll()
  frozen.freeze()
  const megabyte = 'x'.repeat(1024 * 1024)
  for (let n = 1; n <= 20; n++) await last().send(event(`output/exec-1/i-1@inv:1:${n}`, 'output', megabyte))
  await clock.advance(2_000)
  await last().send('open')
  expect(last().topics).toEqual(['lists@now'])
  frozen.thaw()
  await settle()
  frozen.post({ kind: 'here' })
  await settle()
  await clock.advance(50)
  expect(frozen.received).toHaveLength(17)
  expect(last().topics).toEqual(['lists@now', 'output/exec-1/i-1@inv:1:17'])
})

test('a closed hub closes its connection and opens none for later messages', async () => {
  const tab = openTab()
  tab.follow(lists)
  await connectAll()
  hub.close()
  tab.follow(output)
  await settle()
  await clock.advance(600_000)
  expect(connections.map(({ signal }) => signal.aborted)).toEqual([true])
})
