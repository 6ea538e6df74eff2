import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { killGraceMs as defaultKillGraceMs, parallelInvocations } from '../../core/limits.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import type { InvocationMessage } from '../../protocol/agent-messages.ts'
import { ArtifactAddresses } from '../artifact/artifact-addresses.ts'
import { createArtifactCache } from '../artifact/artifact-cache.ts'
import { checkInstalled } from '../drift/check-installed.ts'
import { DriftWatch } from '../drift/drift-watch.ts'
import type { Platform } from '../platform/platform.ts'
import { openEndedLog } from '../state/ended-log.ts'
import { openHeldOutput } from '../state/held-output.ts'
import { openInstalledRecords } from '../state/installed-record.ts'
import { openJournal } from '../state/journal.ts'
import { CodeTrust } from '../trust/code-trust.ts'
import type { Engine } from './engine.ts'
import { changesInstalled, InvocationQueue } from './invocation-queue.ts'
import { Reboots } from './reboots.ts'
import type { FetchArtifact, Worker } from './worker.ts'

export interface WorkerOptions {
  /** Absolute, and used by this process alone. */
  readonly stateDirectory: string
  readonly instanceId: string
  readonly fetchArtifact: FetchArtifact
  /** Of the same state directory; absent: one of its own. */
  readonly codeTrust?: CodeTrust
  readonly platform: Platform
  readonly clock: Clock
  readonly log: Logger
  /** Maximum number of concurrent invocations, of different extensions. */
  readonly parallel?: number
  /** Limit for all downloads together; absent = unlimited. */
  readonly maxDownloadBytesPerSecond?: number | undefined
  /** Timeout of a download without a single new byte. */
  readonly downloadPatienceMs?: number
  /** Delay between TERM and KILL. */
  readonly killGraceMs?: number
  readonly maxOutputBytes?: number
  /** Called with each durable state, such as `begun installWanted`: tests kill the agent there. */
  readonly onStep?: (state: string) => void
}

const defaultDownloadPatienceMs = 600_000

/**
 * The worker of this machine. Immediately continues with the invocations in the state directory:
 * finds their scripts, or reports them as interrupted.
 */
export async function createWorker(options: WorkerOptions): Promise<Worker> {
  const { stateDirectory, platform, clock, log, fetchArtifact } = options
  const closing = new AbortController()
  await mkdir(join(stateDirectory, 'workspaces'), { recursive: true, mode: 0o711 })
  const journal = await openJournal(join(stateDirectory, 'invocations'), log)
  const ended = await openEndedLog(join(stateDirectory, 'ended.jsonl'))
  const heldOutput = await openHeldOutput(join(stateDirectory, 'held'), platform, clock, log)
  const artifacts = await createArtifactCache({
    directory: join(stateDirectory, 'artifacts'),
    fetchArtifact,
    clock,
    maxBytesPerSecond: options.maxDownloadBytesPerSecond,
    patienceMs: options.downloadPatienceMs ?? defaultDownloadPatienceMs,
  })
  const records = await openInstalledRecords(join(stateDirectory, 'installed'), log)
  const engine: Engine = {
    instanceId: options.instanceId,
    stateDirectory,
    platform,
    mount: platform.findMount(stateDirectory),
    clock,
    log,
    journal,
    records: {
      ...records,
      async write(record) {
        await records.write(record)
        drift.forget(record.extensionId)
      },
      async remove(extensionId) {
        await records.remove(extensionId)
        drift.forget(extensionId)
      },
    },
    artifacts,
    addresses: new ArtifactAddresses(),
    reboots: new Reboots(platform),
    trust: options.codeTrust ?? new CodeTrust(stateDirectory),
    killGraceMs: options.killGraceMs ?? defaultKillGraceMs,
    maxOutputBytes: options.maxOutputBytes,
    closing: closing.signal,
    onStep: options.onStep ?? (() => {}),
  }
  const queue = new InvocationQueue(engine, ended, heldOutput, options.parallel ?? parallelInvocations)
  const drift = new DriftWatch({
    records,
    check: (record, signal) => checkInstalled(engine, record, signal),
    isChanging: () => queue.isChanging(),
    clock,
    random: Math.random,
    log,
  })
  await queue.load()

  return {
    offer(invocation: InvocationMessage) {
      if (changesInstalled(invocation)) drift.interrupt()
      return queue.offer(invocation)
    },
    drift,
    cancel: (id) => queue.cancel(id),
    open: () => queue.open(),
    waiting: () => queue.waiting(),
    addresses: engine.addresses,
    installed: () => engine.records.list(),
    reconcile: (reconciliation) => queue.reconcile(reconciliation),
    take: (maxBytes) => queue.outbox.take(maxBytes),
    acknowledged: (batch) => queue.outbox.acknowledged(batch),
    rewind: () => queue.outbox.rewind(),
    onReport: (listener) => queue.onReport(listener),
    async close() {
      closing.abort(new Error('the agent stops'))
      await drift.close()
      await queue.settled()
      await heldOutput.close()
      await ended.close()
    },
  }
}
