import type { ErrorCode } from '../../../../src/core/error/errors.ts'

interface ErrorText {
  /** What is wrong; `{word}` is an argument of the error. */
  readonly text: string
  /** What to do about it. */
  readonly next: string
}

export type ErrorTexts = Readonly<Record<ErrorCode, ErrorText>>
