import type { Clock } from '../../lib/clock.ts'

/** Requests for work on one connection: one is on the wire at a time; nudges in the meantime lead to one more after its answer. */
export class Fetches {
  readonly #clock: Clock
  readonly #send: () => void
  #sentAt: number | undefined
  #isWanted = false

  constructor(clock: Clock, send: () => void) {
    this.#clock = clock
    this.#send = send
  }

  /** A request was sent and has no answer yet. */
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

  /** @param mayRequest whether the agent takes more work */
  answered(mayRequest: boolean): void {
    this.#sentAt = undefined
    if (!mayRequest || !this.#isWanted) return
    this.#isWanted = false
    this.request()
  }

  /** An answer that has not come by then is lost; a second request does no harm. */
  forgetAfter(ms: number): void {
    if (this.#sentAt !== undefined && this.#clock.monotonicMs() - this.#sentAt > ms) this.#sentAt = undefined
  }

  /** A new connection: nothing of the last one is answered. */
  reset(): void {
    this.#sentAt = undefined
    this.#isWanted = false
  }
}
