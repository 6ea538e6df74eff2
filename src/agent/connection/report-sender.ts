import type { AgentMessage, ReportEntry } from '../../protocol/agent-messages.ts'
import type { Worker } from '../invocation/worker.ts'
import { downgradeEntries } from './downgrade-entries.ts'

/** JSON of one report: half of what the server takes in a message, so that what surrounds the entries never matters. */
const maxBatchBytes = 512 * 1024
/** Reports on the wire without an acknowledgement: enough to hide a slow commit, little enough to be resent cheaply. */
const maxUnacknowledged = 8

/**
 * Sends what the worker reports, on one connection: numbers count up from 1, an acknowledgement covers all up to its number.
 * After a lost connection the worker is rewound and a new sender begins at 1 again; what arrives twice is an echo to the server.
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

  /** Nothing that was sent waits for an acknowledgement. */
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

  /** @returns what is wrong with the acknowledgement, or undefined; an old one is an echo */
  acknowledge(upTo: number): string | undefined {
    if (upTo > this.#lastId) return `acknowledged report ${upTo}, but only ${this.#lastId} were sent`
    for (; this.#acknowledgedUpTo < upTo; this.#acknowledgedUpTo++)
      this.#worker.acknowledged(this.#unacknowledged.shift() as ReportEntry[])
    return undefined
  }
}
