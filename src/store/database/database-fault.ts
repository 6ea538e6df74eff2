/**
 * Whether a statement failed because the database is unreachable, starting or stopping: the caller
 * cannot change that, and a retry may succeed. SQLSTATE classes 08 (connection), 57P (shutdown,
 * crash, start) and 53 (out of resources), and our own limits (connection-guard.ts): 57014
 * (statement), 55P03 (lock), 25P03 (idle transaction). Connection errors come from the system
 * without SQLSTATE; for the rest the driver has only messages.
 */
export function isDatabaseDown(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code, syscall } = error as { code?: unknown; syscall?: unknown }
  if (typeof code === 'string' && /^(08|53|57P|57014$|55P03$|25P03$)/.test(code)) return true
  if (syscall === 'connect' || code === 'ECONNRESET' || code === 'EPIPE') return true
  if (error instanceof AggregateError) return error.errors.some(isDatabaseDown)
  return driverWords.some((words) => error.message.includes(words)) || isDatabaseDown(error.cause)
}

const driverWords = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'Client has encountered a connection error',
  'Client was closed and is not queryable',
]

/** Whether the database's disk is full (SQLSTATE 53100): it reads and refuses to write. */
export function isDatabaseDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ((error as { code?: unknown }).code === '53100') return true
  if (error instanceof AggregateError) return error.errors.some(isDatabaseDiskFull)
  return isDatabaseDiskFull(error.cause)
}
