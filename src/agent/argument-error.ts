/** The arguments of the program are wrong. The message says which; the caller prints the usage and ends with 2. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError'
}
