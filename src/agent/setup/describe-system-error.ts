/** Of the operating system: no permission, no space, a file that is in the way. */
export const isSystemError = (error: unknown): error is NodeJS.ErrnoException & { dest?: string } =>
  error instanceof Error && 'syscall' in error && 'code' in error

/**
 * `copyfile /opt/x: no space left on device (ENOSPC)`: the path that is written, and the cause last,
 * because servers quote the end of what a program said. Other errors: their message.
 */
export function describeSystemError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (!isSystemError(error)) return error.message
  const { code, syscall, path, dest, message } = error
  const place = dest ?? path
  const [, cause] = /^[A-Z0-9_]+: (.+?), \w+/.exec(message) ?? []
  return place === undefined || cause === undefined ? message : `${syscall} ${place}: ${cause} (${code})`
}
