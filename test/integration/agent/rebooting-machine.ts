// A machine that a test reboots: it has a boot id, a state and a reboot command that the test controls; everything else is the
// real agent.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import type { WorkerOptions } from '../../../src/agent/invocation/create-worker.ts'
import type { Platform } from '../../../src/agent/platform/platform.ts'
import type { InvocationMessage } from '../../../src/protocol/agent-messages.ts'
import { makeFolder, platform, TestEngine } from './agent-engine.ts'

export class RebootingMachine {
  readonly folder: string
  /** How often the reboot command ran. */
  commands = 0
  boots = 1
  /** What the reboot command does. */
  onReboot: () => Promise<void> = async () => {}
  shutdown: 'up' | 'rebooting' | 'poweringOff' = 'up'
  /** How often the agent looked whether the machine is shutting down. */
  looks = 0
  readonly #options: Partial<WorkerOptions>

  private constructor(folder: string, options: Partial<WorkerOptions>) {
    this.folder = folder
    this.#options = options
  }

  static async make(options: Partial<WorkerOptions> = {}): Promise<RebootingMachine> {
    return new RebootingMachine(await makeFolder(), options)
  }

  get #platform(): Platform {
    return {
      ...platform,
      bootId: `boot-${this.boots}`,
      reboot: () => {
        this.commands++
        return this.onReboot()
      },
      findShutdown: async () => {
        this.looks++
        return this.shutdown
      },
    }
  }

  /** An agent in the current boot. */
  start(options: Partial<WorkerOptions> = {}): Promise<TestEngine> {
    return TestEngine.start({
      stateDirectory: join(this.folder, 'state'),
      platform: this.#platform,
      killGraceMs: 200,
      ...this.#options,
      ...options,
    })
  }

  /** The agent ends with the machine, and starts with the next boot. */
  async reboot(engine: TestEngine): Promise<TestEngine> {
    await engine.worker.close()
    this.boots++
    this.shutdown = 'up'
    return this.start()
  }

  commanded(count = 1): Promise<void> {
    return vi.waitFor(
      () => {
        if (this.commands !== count) throw new Error(`the reboot command ran ${this.commands} times`)
      },
      { timeout: 110_000, interval: 2 },
    )
  }

  /** A line in the ledger: what ran, in order. */
  note = (what: string) => `echo ${what} >> ${this.folder}/ledger`

  async ledger(): Promise<string[]> {
    return (await readFile(join(this.folder, 'ledger'), 'utf8')).trim().split('\n')
  }

  waitFor = (name: string) => `while [ ! -e ${this.folder}/${name} ]; do sleep 0.01; done`
  touch = (name: string) => writeFile(join(this.folder, name), '')
}

export const patience = { timeout: 110_000, interval: 5 }
export const statesOf = (engine: TestEngine, { id }: InvocationMessage) =>
  engine.entries.flatMap((entry) =>
    entry.kind === 'state' && entry.invocationId === id ? [`${entry.state} ${entry.reboots ?? 0}`] : [],
  )

export const rebooting = (engine: TestEngine, invocation: InvocationMessage) =>
  vi.waitFor(() => expect(statesOf(engine, invocation)).toContain('rebooting 1'), { timeout: 110_000, interval: 2 })
