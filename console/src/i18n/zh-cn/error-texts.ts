import type { ErrorCode } from '../../../../src/core/error/errors.ts'

export interface ErrorText {
  /** What is wrong; `{word}` is an argument of the error. */
  readonly text: string
  /** What to do about it. */
  readonly next: string
}

/** By code, for a part of the catalogue. */
export type ErrorTexts = { readonly [Code in ErrorCode]?: ErrorText }
