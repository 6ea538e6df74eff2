import { generateKeyPairSync } from 'node:crypto'
import { ConnectionToServer } from '../../src/agent/connection/connection.ts'
import { enrol } from '../../src/agent/connection/enrol.ts'
import { signWith } from '../../src/agent/connection/identity.ts'
import { makeSimulatedFacts } from '../../src/agent/facts/simulated-facts.ts'
import type { Worker } from '../../src/agent/invocation/worker.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import type { InvocationMessage } from '../../src/protocol/agent-messages.ts'
import type { System } from './system.ts'

/**
 * The URL that an instance receives for an artifact: a client acting as an instance requests the
 * extension, and does nothing with it.
 */
export async function findArtifactAddress({ client, url }: System, extension: string): Promise<string> {
  const { token } = await client.joinTokens.create({ uses: 1 })
  const { privateKey } = generateKeyPairSync('ed25519')
  const common = { server: url, clock: systemClock, random: Math.random, log: silentLogger }
  const facts = makeSimulatedFacts(1, 0, 'asks', '0.1.0')
  const instanceId = await enrol({ ...common, token, privateKey, name: 'asks', tags: {}, facts })
  const { id } = await client.executions.start({
    action: 'install',
    extension,
    targets: { kind: 'ids', ids: [instanceId] },
  })
  const offered = Promise.withResolvers<InvocationMessage>()
  const connection = new ConnectionToServer({
    ...common,
    instanceId,
    sign: (text) => signWith(privateKey, text),
    run: '0'.repeat(32),
    facts: () => facts,
    worker: workerThatOnlyLooks(offered.resolve),
  })
  connection.start()
  const { artifactUrl } = await offered.promise
  await connection.stop(0)
  await client.executions.cancel(id)
  if (artifactUrl === undefined) throw new Error('the invocation came without the address of its artifact')
  return artifactUrl
}

const workerThatOnlyLooks = (look: (invocation: InvocationMessage) => void): Worker => ({
  offer: (invocation) => Promise.resolve(look(invocation)),
  cancel: () => {},
  open: () => [],
  installed: () => [],
  waiting: () => [],
  reconcile: () => {},
  take: () => [],
  acknowledged: () => {},
  rewind: () => {},
  onReport: () => {},
  close: () => Promise.resolve(),
})
