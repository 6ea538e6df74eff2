import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionId } from '../../../src/core/id.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { createWakeHub } from '../../../src/lib/wake-hub.ts'
import { createApi } from '../../../src/server/api/api.ts'
import { createAccessKey } from '../../../src/server/app/access/key/create-access-key.ts'
import { registerOosApi } from '../../../src/server/oos/oos-api.ts'
import { makeAgentParts } from '../api-parts.ts'
import { actor, type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts'
import { type CallOos, type ClientName, makeClients } from './clients.ts'

/** The control plane with its OOS API on a real port; the test acts for the agents. */
export interface OosPlane {
  readonly plane: ControlPlane
  /** As the administrator. */
  readonly call: CallOos
  readonly clients: Readonly<Record<ClientName, CallOos>>
  readonly url: string
  /** An access key of the administrator. */
  makeKey(): Promise<{ readonly id: string; readonly secret: string }>
  /** How far the API's clock is ahead of this machine's, with which clients sign. */
  aheadMs: number
  stop(): Promise<void>
}

export async function startOosPlane(): Promise<OosPlane> {
  const plane = await startControlPlane()
  const oos = { aheadMs: 0 }
  const directory = await mkdtemp(join(tmpdir(), 'chandler-oos-'))
  const hub = createWakeHub()
  const { agentBundles, installScript } = makeAgentParts(directory, '1.2.3', plane.context.log)
  const context = {
    ...plane.context,
    clock: { ...systemClock, now: () => systemClock.now() + oos.aheadMs },
    verifyArtifactAddress: () => {
      throw new Error('no agent fetches anything here')
    },
    watchExecution: (id: ExecutionId) => hub.watch(id),
    watchAllChanges: (maxKeys: number) => hub.watchAll(maxKeys),
    stopping: new AbortController().signal,
    agentBundles,
  }
  const api = await createApi(context, {
    version: '1.2.3',
    installScript,
    surfaces: [(surface, parts) => registerOosApi(surface, context, parts)],
  })
  const url = await api.listen({ host: '127.0.0.1', port: 0 })
  const makeKey = () => createAccessKey(plane.context, actor, { kind: 'oos', description: 'test' })
  const clients = makeClients(url, await makeKey())
  return Object.assign(oos, {
    plane,
    call: clients['pop-core POST'],
    clients,
    url,
    makeKey,
    async stop() {
      await api.close()
      await plane.stop()
      await rm(directory, { recursive: true })
    },
  })
}
