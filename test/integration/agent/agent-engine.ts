import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished, vi } from 'vitest'
import { createWorker, type WorkerOptions } from '../../../src/agent/invocation/create-worker.ts'
import type { Worker } from '../../../src/agent/invocation/worker.ts'
import { createPlatform } from '../../../src/agent/platform/create-platform.ts'
import type { Artifact } from '../../../src/core/extension/extension.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import {
  type InstallationMessage,
  type InvocationMessage,
  invocationSchema,
  type ReportEntry,
  reportEntrySchema,
} from '../../../src/protocol/agent-messages.ts'
import { ArtifactShelf } from './artifact-shelf.ts'

export type End = Extract<ReportEntry, { kind: 'end' }>

export const platform = createPlatform()
export const isRoot = platform.isPrivileged

/** A folder that is removed after the test. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'chandler-engine-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Kills a process that a script left running, after the test. */
export function endAfterTest(pid: number): void {
  onTestFinished(() => {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // Without a stop, which is what most tests are about.
    }
  })
}

/** The process id from a file that a script writes, once it exists. */
export function readPid(path: string): Promise<number> {
  return vi.waitFor(
    async () => {
      const pid = Number(await readFile(path, 'utf8'))
      if (!(pid > 0)) throw new Error(`${path} holds no process id yet`)
      endAfterTest(pid)
      return pid
    },
    { timeout: 110_000, interval: 5 },
  )
}

/** A zombie does not count as running. */
export const isRunning = (pid: number) => platform.listTree(-1, new Set([identify(pid)])).length > 0
const identify = (pid: number) => platform.identifyProcess(pid)?.split('@').slice(0, 2).join('@') ?? ''

type Scripts = InstallationMessage['configuration']['scripts']

export interface InstallationDetails {
  version?: number
  scripts?: Scripts
  artifact?: Artifact
  verify?: Partial<InstallationMessage['configuration']['verify'][number]>[]
  run?: Partial<InstallationMessage['configuration']['run']>
  parameters?: InstallationMessage['parameters']
  parameterTypes?: InstallationMessage['configuration']['parameterTypes']
}

/** As the server would send it: parsed by the schema. */
export function makeInstallation({
  version = 1,
  scripts = {},
  artifact,
  verify = [],
  run = {},
  parameters = {},
  parameterTypes,
}: InstallationDetails): InstallationMessage {
  const installation = {
    version,
    configuration: { id: 'c1', os: 'linux', arch: 'any', artifact, scripts, verify, run, parameterTypes },
    parameters,
    parametersDigest: createHash('sha256').update(JSON.stringify(parameters)).digest('hex'),
  }
  return invocationSchema.shape.wanted.unwrap().parse(JSON.parse(JSON.stringify(installation)))
}

let count = 0

export function makeInvocation(details: Partial<InvocationMessage>): InvocationMessage {
  return invocationSchema.parse({
    id: `inv-test-${process.pid}-${++count}`,
    executionId: 'exec-test',
    extensionId: 'ext-test',
    extensionName: 'demo',
    action: 'install',
    ...details,
  })
}

export const makeInstall = (details: InstallationDetails, more: Partial<InvocationMessage> = {}): InvocationMessage =>
  makeInvocation({
    wanted: makeInstallation(details),
    ...(details.artifact ? { artifactUrl: details.artifact.sha256 } : {}),
    ...more,
  })

/** A worker in this process with all its reports so far; closed after the test. */
export class TestEngine {
  readonly worker: Worker
  readonly directory: string
  readonly entries: ReportEntry[] = []
  readonly #acknowledges: boolean

  private constructor(worker: Worker, directory: string, acknowledges: boolean) {
    this.worker = worker
    this.directory = directory
    this.#acknowledges = acknowledges
    worker.onReport(() => this.#takeAll())
    this.#takeAll()
  }

  static async start(options: Partial<WorkerOptions> & { acknowledges?: boolean } = {}): Promise<TestEngine> {
    const { acknowledges = true, ...rest } = options
    const directory = rest.stateDirectory ?? (await makeFolder())
    const worker = await createWorker({
      stateDirectory: directory,
      instanceId: 'i-0000000000000000',
      fetchArtifact: new ArtifactShelf().fetch,
      platform,
      clock: systemClock,
      log: silentLogger,
      ...rest,
    })
    const engine = new TestEngine(worker, directory, acknowledges)
    onTestFinished(() => worker.close())
    return engine
  }

  #takeAll(): void {
    for (;;) {
      const batch = this.worker.take(512 * 1024)
      if (batch.length === 0) return
      for (const entry of batch) this.entries.push(reportEntrySchema.parse(entry))
      if (this.#acknowledges) this.worker.acknowledged(batch)
    }
  }

  /** Offers it and waits for its end. */
  async carryOut(invocation: InvocationMessage): Promise<End> {
    await this.worker.offer(invocation)
    return this.end(invocation.id)
  }

  end(id: string, timeoutMs = 60_000): Promise<End> {
    return vi.waitFor(
      () => {
        const end = this.entries.find((entry): entry is End => entry.kind === 'end' && entry.invocationId === id)
        if (!end)
          throw new Error(`${id} has not ended: ${JSON.stringify(this.entries.filter(({ kind }) => kind === 'state'))}`)
        return end
      },
      { timeout: timeoutMs, interval: 2 },
    )
  }

  /** Waits until the streams of an invocation contain the text. */
  printed(id: string, stream: 'stdout' | 'stderr', text: string): Promise<void> {
    return vi.waitFor(
      () => {
        if (!this.output(id, stream).includes(text))
          throw new Error(`${stream} of ${id} is ${this.output(id, stream).toString()}`)
      },
      { timeout: 110_000, interval: 2 },
    )
  }

  output(id: string, stream: 'stdout' | 'stderr' = 'stdout'): Buffer {
    return readOutput(
      this.entries.filter(({ invocationId }) => invocationId === id),
      stream,
    )
  }

  steps(id: string): string[] {
    return this.entries.flatMap((entry) =>
      entry.kind === 'state' && entry.invocationId === id && entry.step ? [entry.step] : [],
    )
  }
}

/** Bytes of a stream, each at its reported offset: repeated reports count once. */
export function readOutput(entries: readonly ReportEntry[], stream: 'stdout' | 'stderr'): Buffer {
  const pieces = entries.flatMap((entry) =>
    entry.kind === 'output' && entry.stream === stream
      ? [{ offset: entry.offset, data: Buffer.from(entry.data, 'base64') }]
      : [],
  )
  const output = Buffer.alloc(Math.max(0, ...pieces.map(({ offset, data }) => offset + data.length)))
  for (const { offset, data } of pieces) data.copy(output, offset)
  return output
}
