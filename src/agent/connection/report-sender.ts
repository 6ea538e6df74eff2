import type { AgentMessage, ReportEntry } from '../../protocol/agent-messages.ts'
import type { Worker } from '../invocation/worker.ts'
import { downgradeEntries } from './downgrade-entries.ts'

/**
 * JSON size of one report: half of the server's message limit, so that the envelope always fits.
 */
const maxBatchBytes = 512 * 1024
/**
 * Maximum number of unacknowledged reports: enough to hide a slow commit, few enough to resend
 * cheaply.
 */
const maxUnacknowledged = 8

/**
 * Sends the worker's reports on one connection: numbers count up from 1, and an acknowledgement
 * covers all reports up to its number. After a lost connection the worker is rewound and a new
 * sender starts at 1; the server ignores duplicates.
 */
export class ReportSender {
  readonly #worker: Worker
  readonly #send: (message: AgentMessage) => void
  #lastId = 0
  #acknowledgedUpTo = 0
  readonly #unacknowledged: ReportEntry[][] = []

  readonly #version: number

  /** @param version of the protocol that the server speaks */
  constructor(worker: Worker, version: number, send: (message: AgentMessage) => void) {
    this.#worker = worker
    this.#version = version
    this.#send = send
  }

  /** All sent reports are acknowledged. */
  get isSettled(): boolean {
    return this.#unacknowledged.length === 0
  }

  /** Sends as much as the window allows. */
  flush(): void {
    while (this.#unacknowledged.length < maxUnacknowledged) {
      const entries = this.#worker.take(maxBatchBytes)
      if (entries.length === 0) return
      const said = downgradeEntries(entries, this.#version)
      if (said.length === 0) {
        this.#worker.acknowledged(entries)
        continue
      }
      this.#unacknowledged.push(entries)
      this.#send({ type: 'report', id: ++this.#lastId, entries: [...said] })
    }
  }

  /** @returns what is wrong with the acknowledgement, or undefined; an old one is a duplicate */
  acknowledge(upTo: number): string | undefined {
    if (upTo > this.#lastId) return `acknowledged report ${upTo}, but only ${this.#lastId} were sent`
    for (; this.#acknowledgedUpTo < upTo; this.#acknowledgedUpTo++)
      this.#worker.acknowledged(this.#unacknowledged.shift() as ReportEntry[])
    return undefined
  }
}
