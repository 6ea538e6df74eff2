// A version may require signed packages. An agent that is too old to check them must not install it.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SignaturePolicy } from '../../../src/core/extension/extension.ts'
import type { InstanceId } from '../../../src/core/id.ts'
import { makeAgentKey, openAgentSocket, sayHello } from './agent-socket.ts'
import { type ControlPlane, startControlPlane } from './control-plane.ts'
import { type ListeningGateway, startGateway } from './listening-gateway.ts'

let plane: ControlPlane
let gateway: ListeningGateway
let instanceId: InstanceId

beforeEach(async () => {
  plane = await startControlPlane()
  await plane.makeExtension('signed')
  instanceId = (await plane.enrol(1))[0] as InstanceId
  gateway = await startGateway(plane.context)
})
afterEach(async () => {
  await gateway.close()
  await plane.stop()
})

async function connect(protocolVersion: number) {
  const { privateKey, rawPublicKey } = makeAgentKey()
  await plane.db.pool.query('update instances set public_key = $1', [rawPublicKey])
  const agent = await openAgentSocket(gateway.url)
  await sayHello(agent, { instanceId, privateKey }, { protocolVersion })
  await agent.next('welcome')
  return agent
}

async function startWith(policy: SignaturePolicy) {
  await plane.db.pool.query(
    `update extension_versions set configurations = jsonb_set(configurations, '{0,run,signature}', to_jsonb($1::text))`,
    [policy],
  )
  return plane.start({ extension: 'signed' })
}

async function receiveWork(agent: Awaited<ReturnType<typeof connect>>) {
  for (;;) {
    agent.say({ type: 'fetch' })
    const [invocation] = (await agent.next('invocations')).invocations
    if (invocation) return invocation
  }
}

const readTask = async () =>
  (
    await plane.db.pool.query<{ status: string; reason_code: string }>(
      'select status, reason_code from task_executions',
    )
  ).rows[0]

test('an agent that checks signatures gets the policy', async () => {
  const agent = await connect(5)
  await startWith('required')
  expect((await receiveWork(agent)).wanted?.configuration.run.signature).toBe('required')
})

test('an older agent gets no version that requires a signature, and the task says why', async () => {
  const agent = await connect(4)
  await startWith('required')
  await plane.until(async () => {
    agent.say({ type: 'fetch' })
    return (await readTask())?.status === 'Failed'
  })
  expect(await readTask()).toMatchObject({ status: 'Failed', reason_code: 'Unsupported' })
})

test('an older agent gets other policies without the field, which it would refuse', async () => {
  const agent = await connect(4)
  await startWith('off')
  const { wanted } = await receiveWork(agent)
  expect(wanted).toBeDefined()
  expect(wanted?.configuration.run).not.toHaveProperty('signature')
})
