/** The user's input, or a file that it names, is invalid; nothing was done. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  /** How to fix it: one sentence. */
  readonly next: string | undefined

  constructor(message: string, next?: string) {
    super(message)
    this.next = next
  }
}
