import type { Clock, Timer } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import type { ServerTrust } from './server-trust.ts'

/** After connecting, at a random time: a fleet that reconnects must not ask at once. */
const spreadMs = 300_000
/** Much shorter than the overlap of two CAs. */
const repeatMs = 12 * 3_600_000

/** Looks for a rotated CA while the agent is connected. */
export class CaRefresh {
  readonly #trust: Pick<ServerTrust, 'refresh'>
  readonly #clock: Clock
  readonly #random: () => number
  readonly #log: Logger
  #timer: Timer | undefined

  constructor(trust: Pick<ServerTrust, 'refresh'>, parts: { clock: Clock; random: () => number; log: Logger }) {
    this.#trust = trust
    this.#clock = parts.clock
    this.#random = parts.random
    this.#log = parts.log
  }

  online(): void {
    this.#plan(this.#random() * spreadMs)
  }

  offline(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #plan(delayMs: number): void {
    this.#timer?.cancel()
    this.#timer = this.#clock.setTimeout(() => void this.#refresh(), delayMs, { unref: true })
  }

  async #refresh(): Promise<void> {
    const planned = this.#timer
    try {
      await this.#trust.refresh()
    } catch (error) {
      this.#log.warn('the CAs of the server were not checked; the next round retries', { error })
    }
    if (this.#timer === planned && planned !== undefined) this.#plan(repeatMs)
  }
}
