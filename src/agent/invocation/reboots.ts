import type { Platform } from '../platform/platform.ts'

/**
 * Reboots concern the whole machine, whichever invocation needs one: while one is pending, no script
 * starts, and the machine reboots when no script of another invocation runs.
 */
export class Reboots {
  readonly #platform: Pick<Platform, 'reboot'>
  /** Invocations that wait for a reboot. */
  readonly #pending = new Set<string>()
  readonly #waiting = new Set<() => void>()
  #command: Promise<void> | undefined
  #isScriptRunning: (except: string) => boolean = () => false
  #onOver: () => void = () => {}

  constructor(platform: Pick<Platform, 'reboot'>) {
    this.#platform = platform
  }

  /**
   * @param isScriptRunning whether a script of an invocation other than the given one runs
   * @param onOver called when no reboot is pending any more, although the agent still runs
   */
  connect(isScriptRunning: (except: string) => boolean, onOver: () => void): void {
    this.#isScriptRunning = isScriptRunning
    this.#onOver = onOver
  }

  get isPending(): boolean {
    return this.#pending.size > 0
  }

  request(invocationId: string): void {
    this.#pending.add(invocationId)
  }

  /** It was cancelled, or it failed. */
  withdraw(invocationId: string): void {
    if (!this.#pending.delete(invocationId)) return
    this.changed()
    if (!this.isPending) this.#onOver()
  }

  /** A script has ended. */
  changed(): void {
    for (const look of this.#waiting) look()
  }

  /** Resolves when a script may start, or when the signal aborts. */
  mayStart(signal: AbortSignal): Promise<void> {
    return this.#until(() => !this.isPending, signal)
  }

  /** Whether scripts of others run still. */
  isBusy(invocationId: string): boolean {
    return this.#isScriptRunning(invocationId)
  }

  /** Resolves when no script of another invocation runs, or when the signal aborts. */
  untilIdle(invocationId: string, signal: AbortSignal): Promise<void> {
    return this.#until(() => !this.#isScriptRunning(invocationId), signal)
  }

  /**
   * Runs the reboot command, once for all that wait for a reboot. Resolves when the command has
   * succeeded: the machine goes down soon; or when the signal aborts, because the command may take
   * as long as the shutdown. Rejects with the error of the command.
   */
  async perform(signal: AbortSignal): Promise<void> {
    this.#command ??= this.#platform.reboot().finally(() => {
      this.#command = undefined
    })
    const stopped = new AbortController()
    try {
      await Promise.race([this.#command, this.#until(() => false, AbortSignal.any([signal, stopped.signal]))])
    } finally {
      stopped.abort()
    }
  }

  #until(condition: () => boolean, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!signal.aborted && !condition()) return
        this.#waiting.delete(look)
        signal.removeEventListener('abort', look)
        resolve()
      }
      this.#waiting.add(look)
      signal.addEventListener('abort', look)
      look()
    })
  }
}
