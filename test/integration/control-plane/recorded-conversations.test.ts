// Agents of every released version of the protocol work with this server: what one of each said is a file in
// test/conversations, and is said again here. CONTRIBUTING.md describes how to record one.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { InstanceId } from '../../../src/core/id.ts'
import { type AgentMessage, agentMessageSchema, type ServerMessage } from '../../../src/protocol/agent-messages.ts'
import { serverMessageShape } from '../../../src/protocol/agent-shapes.ts'
import { readShape } from '../../../src/protocol/shape.ts'
import { projectRoot } from '../../rules/project-files.ts'
import { makeAgentKey, openAgentSocket, sayHello } from './agent-socket.ts'
import { type ControlPlane, startControlPlane } from './control-plane.ts'
import { type ListeningGateway, startGateway } from './listening-gateway.ts'

const folder = join(projectRoot, 'test/conversations')
const conversations = readdirSync(folder).map((name) => ({
  name,
  lines: readFileSync(join(folder, name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line),
}))
type Line =
  | { readonly from: 'agent'; readonly message: AgentMessage }
  | { readonly from: 'server'; readonly message: ServerMessage }

const command = {
  kind: 'command',
  type: 'RunShellScript',
  content: 'echo hello; echo warning >&2',
  timeoutMs: 60_000,
  parameters: {},
  noEcho: [],
} as const

let plane: ControlPlane
let gateway: ListeningGateway
let instanceId: InstanceId

beforeEach(async () => {
  plane = await startControlPlane()
  instanceId = (await plane.enrol(1))[0] as InstanceId
  gateway = await startGateway(plane.context)
})
afterEach(async () => {
  await gateway.close()
  await plane.stop()
})

test('there is a conversation', () => expect(conversations).not.toEqual([]))

describe.each(conversations)('$name', ({ lines }) => {
  const messagesOf = <Type extends AgentMessage['type']>(type: Type) =>
    lines.flatMap(({ from, message }) =>
      from === 'agent' && message.type === type ? [message as Extract<AgentMessage, { type: Type }>] : [],
    )

  test('its messages are understood completely, by the server and by the agent', () => {
    for (const { from, message } of lines)
      expect(from === 'agent' ? agentMessageSchema.parse(message) : readShape(serverMessageShape, message)).toEqual(
        message,
      )
  })

  test('an agent that says it again gets work, and its task succeeds', async () => {
    const [hello] = messagesOf('hello')
    if (hello === undefined) throw new Error('the conversation has no hello')
    const { privateKey, rawPublicKey } = makeAgentKey()
    await plane.db.pool.query('update instances set public_key = $1', [rawPublicKey])
    const agent = await openAgentSocket(gateway.url)
    const { protocolVersion, facts, run } = hello
    await sayHello(agent, { instanceId, privateKey }, { protocolVersion, facts, run })
    await agent.next('welcome')

    const executionId = await plane.start({ operation: command })
    let invocationId: string | undefined
    while (invocationId === undefined) {
      agent.say({ type: 'fetch' })
      invocationId = (await agent.next('invocations')).invocations[0]?.id
    }
    const reports = messagesOf('report')
    for (const report of reports) {
      const entries = report.entries.map((entry) => ({ ...entry, invocationId }))
      agent.say({ ...report, entries })
    }
    const last = reports.at(-1)?.id ?? 0
    let acknowledged = 0
    while (acknowledged < last) acknowledged = (await agent.next('ack')).upTo
    await plane.untilStatus(executionId, 'Success')
    expect(await plane.statuses(executionId)).toEqual({ Success: 1 })
  })
})
