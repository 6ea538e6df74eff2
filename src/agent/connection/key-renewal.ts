import type { Clock, Timer } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import type { AgentMessage } from '../../protocol/agent-messages.ts'
import type { AgentKeys } from './agent-keys.ts'

/** Time after which an unanswered renewal is requested again. */
const renewalRetryMs = 3_600_000

export interface KeyRenewalOptions {
  readonly keys: Omit<AgentKeys, 'sign'>
  readonly clock: Clock
  readonly log: Logger
  readonly send: (message: AgentMessage) => void
}

/** Renews the key of the instance when the server announces that it is due. */
export class KeyRenewal {
  readonly #options: KeyRenewalOptions
  #timer: Timer | undefined
  #nonce = ''

  constructor(options: KeyRenewalOptions) {
    this.#options = options
  }

  /** The connection has a new nonce, which requests sign. */
  challenged(nonce: string): void {
    this.#nonce = nonce
  }

  /**
   * The server has accepted the candidate key. @param dueInMs absent: the server does not renew
   * keys
   */
  accepted(dueInMs: number | undefined): void {
    this.#keep(this.#options.keys.accepted())
    if (dueInMs !== undefined) this.#plan(dueInMs)
  }

  /** The server has stored the new key. */
  renewed(nextDueInMs: number): void {
    this.#keep(this.#options.keys.renewed())
    this.#plan(nextDueInMs)
    this.#options.log.info('the key of this instance was renewed')
  }

  cancel(): void {
    this.#timer?.cancel()
  }

  #plan(inMs: number): void {
    const { clock } = this.#options
    this.#timer?.cancel()
    this.#timer = clock.setTimeout(() => this.#request(), inMs, { unref: true })
  }

  #request(): void {
    const { keys, log, send } = this.#options
    this.#plan(renewalRetryMs)
    keys
      .renew(this.#nonce)
      .then((request) => send({ type: 'renewKey', ...request }))
      .catch((error: unknown) => log.error('the key of this instance cannot be renewed now', { error }))
  }

  /**
   * If it cannot be stored now, the next connection finds the right key: both are still on disk.
   */
  #keep(kept: Promise<void>): void {
    kept.catch((error: unknown) => this.#options.log.error('the key of this instance cannot be written', { error }))
  }
}
