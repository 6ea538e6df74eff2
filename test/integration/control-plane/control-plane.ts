import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Pool } from 'pg'
import type { ExtensionRequest } from '../../../src/core/execution/operation.ts'
import type { ExecutionId, InstanceId } from '../../../src/core/id.ts'
import { makeInstanceId } from '../../../src/core/id.ts'
import { defaultDeliveryTimeoutMs } from '../../../src/core/limits.ts'
import { makeTextReason } from '../../../src/core/reason/reason.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { createFileObjectStore } from '../../../src/objects/file-object-store.ts'
import { bootstrap, defaultAccountId } from '../../../src/server/app/access/bootstrap.ts'
import { applyReports } from '../../../src/server/app/agent/apply-reports.ts'
import { handOutWork } from '../../../src/server/app/agent/hand-out-invocations.ts'
import type { Report } from '../../../src/server/app/agent/report.ts'
import type { Actor, AppContext } from '../../../src/server/app/context.ts'
import { readExecution, readTasks } from '../../../src/server/app/execution/read-executions.ts'
import { type StartRequest, startExecution } from '../../../src/server/app/execution/start-execution.ts'
import { createExtension } from '../../../src/server/app/extension/create-extension.ts'
import { createSecretBox } from '../../../src/server/boot/keys.ts'
import { createSecretDigests } from '../../../src/server/boot/secret-digests.ts'
import { createDispatcher, type Dispatcher } from '../../../src/server/dispatcher/dispatcher.ts'
import { openWorkerLockSession } from '../../../src/store/server/worker-locks.ts'
import { makeFacts } from '../../make-instance.ts'
import { lowPasswordCost, makeAgentParts } from '../api-parts.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { admin } from '../registry/test-api.ts'

export const actor: Actor = { accountId: defaultAccountId, name: 'admin', source: 'test', policies: 'everything' }

/**
 * The control plane without transports: store, use cases and dispatcher on a real PostgreSQL; the
 * test acts for the agents.
 */
export interface ControlPlane {
  readonly context: AppContext
  readonly db: TestDatabase
  readonly dispatcher: Dispatcher
  enrol(
    count: number,
    options?: { readonly tags?: Record<string, string>; readonly os?: string },
  ): Promise<InstanceId[]>
  makeExtension(name: string): Promise<void>
  /** An extension may be given without an operation around it. */
  start(request: Partial<StartRequest> & Partial<ExtensionRequest>, as?: Actor): Promise<ExecutionId>
  /** The invocations handed out to the instances now; waits until there are at least `count`. */
  takeWork(ids: readonly InstanceId[], count: number): Promise<{ instanceId: InstanceId; invocationId: string }[]>
  end(
    work: readonly { instanceId: InstanceId; invocationId: string }[],
    outcome?: 'succeeded' | 'failed',
  ): Promise<void>
  /** Resolves when the execution has the status. */
  untilStatus(id: ExecutionId, status: string): Promise<void>
  /** Resolves when a condition holds; checked at every change that the control plane announces. */
  until(condition: () => Promise<boolean>): Promise<void>
  statuses(id: ExecutionId): Promise<Record<string, number>>
  /** From now on only the test reconciles. */
  stopDispatcher(): Promise<void>
  stop(): Promise<void>
}

/**
 * @param enginePool wraps the pool of the work engine
 * @param clock the clock of this server, which may differ from the database's
 */
export async function startControlPlane(enginePool = (pool: Pool) => pool, clock = systemClock): Promise<ControlPlane> {
  const db = await startTestDatabase()
  const directory = await mkdtemp(join(tmpdir(), 'chandler-objects-'))
  const waiting = new Set<() => void>()
  const wake = () => {
    for (const call of waiting) call()
  }
  let dispatcher: Dispatcher | undefined
  const context: AppContext = {
    database: db.database,
    objects: await createFileObjectStore(directory, systemClock),
    // As in test-api.ts, so that both can be on one database.
    secrets: createSecretBox(Buffer.alloc(32, 7)),
    digests: createSecretDigests(Buffer.alloc(32, 7)),
    clock,
    log: silentLogger,
    random: (size) => randomBytes(size),
    passwordCost: lowPasswordCost,
    region: 'default',
    poke: (ids) => dispatcher?.poke(ids),
    changed: wake,
    nudge: () => undefined,
    disconnect: () => undefined,
    reconnect: () => undefined,
    wakeBoots: () => undefined,
    artifactUrl: (sha256, fileName) => Promise.resolve(`/artifacts/${sha256}/${fileName}`),
    agentBundles: makeAgentParts(directory, '1.2.3', silentLogger).agentBundles,
    agentBundleUrl: (sha256, fileName) => `/artifacts/${sha256}/${fileName}`,
  }
  await bootstrap(context, { accessKey: admin })
  dispatcher = await createDispatcher({
    database: db.database,
    pool: enginePool(db.pool),
    openSession: () => openWorkerLockSession(db.connection),
    effects: { nudge: wake, changed: wake },
    clock,
    log: silentLogger,
  })
  let enrolled = 0

  async function until(condition: () => Promise<boolean>): Promise<void> {
    for (;;) {
      // Armed before the check: a change during the check is not missed.
      const woken = new Promise<void>((resolve) => {
        const call = () => {
          waiting.delete(call)
          resolve()
        }
        waiting.add(call)
      })
      if (await condition()) return
      await woken
    }
  }

  const plane: ControlPlane = {
    context,
    db,
    dispatcher,
    until,
    async enrol(count, { tags = {}, os = 'debian' } = {}) {
      const rows = Array.from({ length: count }, () => ({
        id: makeInstanceId(context.random),
        account_id: defaultAccountId,
        name: `host-${String(++enrolled).padStart(5, '0')}`,
        public_key: randomBytes(32),
        tags: JSON.stringify(tags) as never,
        facts: JSON.stringify(makeFacts({ os: { ...makeFacts().os, id: os } })),
      }))
      await db.database.insertInto('instances').values(rows).execute()
      return rows.map((row) => row.id)
    },
    async makeExtension(name) {
      await createExtension(context, actor, {
        name,
        type: 'Application',
        description: '',
        versionDescription: '',
        scope: {},
        parameters: { port: { type: 'Number', default: 8080 }, token: { type: 'String', noEcho: true, default: '' } },
        configurations: [
          {
            os: 'linux',
            arch: 'any',
            scripts: { install: '#!/bin/sh\ntrue\n', uninstall: '#!/bin/sh\ntrue\n' },
            verify: [],
            run: { timeoutMs: 60_000, unpack: false, keepWorkspace: 'never' },
          },
        ],
      })
    },
    async start({ action = 'install', extension = '', version, parameters = {}, ...request }, as = actor) {
      const { id } = await startExecution(context, as, {
        operation: { kind: 'extension', action, extension, version, parameters },
        targets: { kind: 'all' },
        rateControl: {},
        mode: 'Automatic',
        description: '',
        deliveryTimeoutMs: defaultDeliveryTimeoutMs,
        ...request,
      })
      return id
    },
    async takeWork(ids, count) {
      let taken: { instanceId: InstanceId; invocationId: string }[] = []
      await until(async () => {
        const work = await handOutWork(context, ids)
        taken = [...work].flatMap(([instanceId, { invocations }]) =>
          invocations.map(({ id }) => ({ instanceId, invocationId: id })),
        )
        return taken.length >= count
      })
      return taken
    },
    async end(work, outcome = 'succeeded') {
      const reports = work.map(({ instanceId, invocationId }) => makeEnd(instanceId, invocationId, outcome))
      await applyReports(context, reports)
    },
    untilStatus: (id, status) =>
      until(async () => (await readExecution(context, actor, id)).execution.status === status),
    async statuses(id) {
      const tasks = await readTasks(context, actor, id, { limit: 100_000 })
      const counts: Record<string, number> = {}
      for (const task of tasks) counts[task.status] = (counts[task.status] ?? 0) + 1
      return counts
    },
    async stopDispatcher() {
      await dispatcher?.close()
      dispatcher = undefined
    },
    async stop() {
      await plane.stopDispatcher()
      await db.stop()
      await rm(directory, { recursive: true })
    },
  }
  return plane
}

export function makeEnd(
  instanceId: InstanceId,
  invocationId: string,
  state: 'succeeded' | 'failed' | 'cancelled',
): Report {
  const succeeded = state === 'succeeded'
  return {
    kind: 'end',
    instanceId,
    invocationId: invocationId as Report['invocationId'],
    outcome: {
      state,
      reasonCode: succeeded ? 'Succeeded' : state === 'failed' ? 'ScriptFailed' : 'CancelledByUser',
      reason: makeTextReason(succeeded ? 'Installed.' : 'The script ended with 1.'),
      exitCode: succeeded ? 0 : 1,
      ...(succeeded
        ? { installed: { status: 'installed', version: 1, configurationId: 'c1', parametersDigest: 'a'.repeat(64) } }
        : {}),
    },
    stdoutBytes: 0,
    stderrBytes: 0,
    cutBytes: 0,
  }
}
