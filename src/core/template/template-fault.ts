/** Why a placeholder is refused: thrown while a script is read, caught where it is rendered. */
export class TemplateFault extends Error {
  override readonly name = 'TemplateFault'
  /** Place in the script, in UTF-16 units: of the placeholder, or of what makes the places behind it uncertain. */
  readonly start: number

  /** @param message where it is, such as "in single quotes" */
  constructor(start: number, message: string) {
    super(message)
    this.start = start
  }
}
