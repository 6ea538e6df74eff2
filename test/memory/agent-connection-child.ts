// An agent that reports, over a real WebSocket, to the server's end of its connection. A round is
// 100 reports, eight pending.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import { systemClock } from '../../src/lib/clock.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { AgentConnection, type ConnectionServices } from '../../src/server/gateway/agent-connection.ts'
import { makeFacts } from '../make-instance.ts'
import { printBytesPerRound } from './bytes-per-round.ts'

const reportsPerRound = 100
const underWay = 8

const services: ConnectionServices = {
  connect: async () => ({ welcome: true, renewKeyInMs: 86_400_000 }),
  joined: () => undefined,
  left: () => undefined,
  handOut: async () => ({ invocations: [], cancelled: [] }),
  reconcile: async () => ({ cancelled: [], over: [], wanted: [], settled: [] }),
  renewWaiting: async () => undefined,
  artifactUrl: async () => ({ url: 'http://127.0.0.1/' }),
  // Like a batch that becomes durable after the next report arrives.
  report: () => new Promise((resolve) => setImmediate(resolve)),
  isFull: () => false,
  facts: async () => undefined,
  drift: async () => undefined,
  suggestRetryMs: () => 1_000,
  renewKey: async () => ({ isRenewed: true, renewKeyInMs: 86_400_000 }),
  clock: systemClock,
  log: silentLogger,
}

const sockets = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
sockets.on('connection', (socket) => new AgentConnection(socket, services))
await once(sockets, 'listening')
const agent = new WebSocket(`ws://127.0.0.1:${(sockets.address() as AddressInfo).port}`, { perMessageDeflate: false })

let lastId = 0
const say = (message: object) => agent.send(JSON.stringify(message))
const report = () =>
  say({
    type: 'report',
    id: ++lastId,
    entries: [{ kind: 'state', invocationId: 'inv-0000000000000000-1-1', at: 0, state: 'running' }],
  })
let receive: (message: { type: string; upTo?: number }) => void = () => undefined
agent.on('message', (data) => receive(JSON.parse((data as Buffer).toString('utf8'))))
await new Promise<void>((resolve) => {
  receive = ({ type }) => {
    const signature = Buffer.alloc(64).toString('base64')
    if (type === 'challenge')
      say({
        type: 'hello',
        protocolVersion: 1,
        instanceId: 'i-0000000000000000',
        signature,
        facts: makeFacts(),
        open: [],
      })
    if (type === 'welcome') resolve()
  }
})

await printBytesPerRound(
  200,
  () =>
    new Promise<void>((resolve, reject) => {
      const until = lastId + reportsPerRound
      receive = ({ type, upTo }) => {
        if (type !== 'ack') return reject(new Error(`the server said ${type}`))
        if (upTo === until) return resolve()
        if (lastId < until) report()
      }
      for (let n = 0; n < underWay; n++) report()
    }),
)
process.exit()
