/** Why a placeholder cannot be written as a reference: thrown inside the lexers, caught where a script is rendered. */
export class TemplateFault extends Error {
  override readonly name = 'TemplateFault'
  /** Place in the script, in UTF-16 units. */
  readonly start: number

  constructor(start: number, message: string) {
    super(message)
    this.start = start
  }
}
