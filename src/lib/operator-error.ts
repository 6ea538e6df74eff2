/**
 * Something the person who runs the process must put right: configuration, permissions, a full disk, a port in use.
 * The message says what is wrong, where, and what to do; whoever prints it prints the message alone, no stack.
 */
export class OperatorError extends Error {
  override readonly name = 'OperatorError'
}
