/**
 * An error that the operator has to fix: configuration, permissions, a full disk, a port in use.
 * The message says what is wrong, where, and what to do; the process prints the message without a
 * stack.
 */
export class OperatorError extends Error {
  override readonly name = 'OperatorError'
}
