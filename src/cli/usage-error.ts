/** Something in what the person typed, or in a file they named, is wrong; nothing was done. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  /** What to do about it: one sentence. */
  readonly next: string | undefined

  constructor(message: string, next?: string) {
    super(message)
    this.next = next
  }
}
