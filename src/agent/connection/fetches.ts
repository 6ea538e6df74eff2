import type { Clock } from '../../lib/clock.ts'

/**
 * Fetch requests on one connection: at most one is pending; nudges in the meantime cause one more
 * after its answer.
 */
export class Fetches {
  readonly #clock: Clock
  readonly #send: () => void
  #sentAt: number | undefined
  #isWanted = false

  constructor(clock: Clock, send: () => void) {
    this.#clock = clock
    this.#send = send
  }

  /** A request is pending. */
  get isWaiting(): boolean {
    return this.#sentAt !== undefined
  }

  request(): void {
    if (this.isWaiting) {
      this.#isWanted = true
      return
    }
    this.#sentAt = this.#clock.monotonicMs()
    this.#send()
  }

  /** @param mayRequest whether the agent accepts more work */
  answered(mayRequest: boolean): void {
    this.#sentAt = undefined
    if (!mayRequest || !this.#isWanted) return
    this.#isWanted = false
    this.request()
  }

  /** After this time the answer counts as lost; a second request is harmless. */
  forgetAfter(ms: number): void {
    if (this.#sentAt !== undefined && this.#clock.monotonicMs() - this.#sentAt > ms) this.#sentAt = undefined
  }

  /** A new connection: pending requests of the last one are lost. */
  reset(): void {
    this.#sentAt = undefined
    this.#isWanted = false
  }
}
