/** Why a placeholder is refused: thrown while a script is parsed, caught where it is rendered. */
export class TemplateFault extends Error {
  override readonly name = 'TemplateFault'
  /**
   * Position in the script, in UTF-16 units: of the placeholder, or of the construct that makes
   * later positions uncertain.
   */
  readonly start: number

  /** @param message the context, such as "in single quotes" */
  constructor(start: number, message: string) {
    super(message)
    this.start = start
  }
}
