import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionId } from '../../../src/core/id.ts'
import { createLogger } from '../../../src/lib/logger.ts'
import { createManualClock, type ManualClock } from '../../../src/lib/manual-clock.ts'
import { createPeerReader } from '../../../src/lib/peer/read-peer.ts'
import { createWakeHub } from '../../../src/lib/wake-hub.ts'
import { createFileObjectStore } from '../../../src/objects/file-object-store.ts'
import type { ObjectStore } from '../../../src/objects/object-store.ts'
import { enrolProof } from '../../../src/protocol/agent-protocol.ts'
import { createApi } from '../../../src/server/api/api.ts'
import type { SingleSignOn } from '../../../src/server/api/api-options.ts'
import { bootstrap } from '../../../src/server/app/access/bootstrap.ts'
import { createArtifactUrlSigner } from '../../../src/server/boot/artifact-url.ts'
import { createSecretBox } from '../../../src/server/boot/keys.ts'
import { createSecretDigests } from '../../../src/server/boot/secret-digests.ts'
import { registerOosApi } from '../../../src/server/oos/oos-api.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { makeFacts } from '../../make-instance.ts'
import { lowPasswordCost, makeAgentParts } from '../api-parts.ts'

export const admin = { id: 'admin-key', secret: 'a-secret-of-the-admin' }
export const basic = ({ id, secret }: { id: string; secret: string }) =>
  `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // oxlint-disable-next-line typescript/no-explicit-any -- what is in it is what a test looks at
  readonly body: any
}

export interface TestApi {
  readonly url: string
  readonly clock: ManualClock
  readonly objects: ObjectStore
  /** All log lines. */
  readonly log: string[]
  readonly poked: ExecutionId[]
  /** Of the connection with this client port: the bytes that the server has read. */
  bytesReadFrom(port: number | undefined): number
  /** Notifies watchers, like the processes that run beside the API. */
  changed(what: readonly string[]): void
  /**
   * As the administrator, unless `authorization` is given (null: unauthenticated). A body that is
   * not text is sent as JSON.
   */
  call(method: string, path: string, body?: unknown, authorization?: string | null): Promise<Answer>
  close(): Promise<void>
}

/** Both APIs on a real port, with a real database, real files, and a manual clock. */
export async function startTestApi(
  database: Database,
  clock: ManualClock = createManualClock(Date.parse('2026-01-01T00:00:00Z')),
  {
    publicUrl,
    trustedProxies,
    accountName,
    sso,
  }: {
    readonly sso?: SingleSignOn
    readonly publicUrl?: string
    readonly trustedProxies?: readonly string[]
    readonly accountName?: string
  } = {},
): Promise<TestApi> {
  const directory = await mkdtemp(join(tmpdir(), 'chandler-api-'))
  const objects = await createFileObjectStore(directory, clock)
  const signer = createArtifactUrlSigner(randomBytes(32), clock, 3_600_000)
  const log: string[] = []
  const poked: ExecutionId[] = []
  const hub = createWakeHub()
  const logger = createLogger({ level: 'debug', format: 'json', write: (line) => log.push(line), now: clock.now })
  const { agentBundles, installScript } = makeAgentParts(directory, '1.2.3', logger)
  const context = {
    database,
    objects,
    secrets: createSecretBox(Buffer.alloc(32, 7)),
    digests: createSecretDigests(Buffer.alloc(32, 7)),
    clock,
    log: logger,
    random: randomBytes,
    passwordCost: lowPasswordCost,
    region: 'default',
    accountName,
    poke: (ids: readonly ExecutionId[]) => void poked.push(...ids),
    changed: (what: readonly string[]) => hub.wake(what),
    nudge: () => undefined,
    disconnect: () => undefined,
    reconnect: () => undefined,
    artifactUrl: async (sha256: string, fileName: string) => signer.sign(sha256, fileName),
    agentBundleUrl: signer.sign,
    wakeBoots: () => undefined,
    verifyArtifactAddress: signer.verify,
    watchExecution: (id: ExecutionId) => hub.watch(id),
    watchAllChanges: (maxKeys: number) => hub.watchAll(maxKeys),
    stopping: new AbortController().signal,
    agentBundles,
  }
  await bootstrap(context, { accessKey: admin })
  const api = await createApi(context, {
    version: '1.2.3',
    installScript,
    publicUrl,
    sso,
    peers: createPeerReader(trustedProxies),
    metrics: {
      render: async () => 'chandler_build_info{version="1.2.3"} 1\n',
      contentType: 'text/plain; version=0.0.4',
    },
    surfaces: [(surface, parts) => registerOosApi(surface, context, parts)],
  })
  const sockets = new Set<Socket>()
  api.server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const url = await api.listen({ host: '127.0.0.1', port: 0 })
  return {
    url,
    bytesReadFrom: (port) => [...sockets].find(({ remotePort }) => remotePort === port)?.bytesRead ?? 0,
    clock,
    objects,
    log,
    poked,
    changed: (what) => hub.wake(what),
    async call(method, path, body, authorization = basic(admin)) {
      const response = await fetch(url + path, {
        method,
        headers: {
          ...(authorization === null ? {} : { authorization }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await response.text()
      const isJson = /json/.test(response.headers.get('content-type') ?? '')
      return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
    },
    async close() {
      await api.close()
      await rm(directory, { recursive: true })
    },
  }
}

/** The enrolment request of an agent with its own key. */
export function makeEnrolment(
  token: string,
  fields: Record<string, unknown> = {},
  keys = generateKeyPairSync('ed25519'),
) {
  return {
    token,
    publicKey: rawKey(keys.publicKey),
    proof: sign(null, Buffer.from(enrolProof(token)), keys.privateKey).toString('base64'),
    name: 'web-1',
    tags: {},
    facts: makeFacts(),
    ...fields,
  }
}

const rawKey = (key: KeyObject) => key.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64')
