export interface ErrorEntry {
  /** HTTP status. */
  readonly status: number
  /** What is wrong: one sentence. */
  readonly text: string
  /** What to do about it: one sentence or two. */
  readonly next: string
}
