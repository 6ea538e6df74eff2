interface ErrorText {
  /** What is wrong; `{word}` is an argument of the error. */
  readonly text: string
  /** What to do about it. */
  readonly next: string
}

/** By code. A test requires every code of the catalogue; a code without texts is shown in English. */
export type ErrorTexts = Readonly<Record<string, ErrorText>>
