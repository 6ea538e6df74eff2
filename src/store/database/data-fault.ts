/**
 * Whether a statement failed because of its values (SQLSTATE classes 22 and 23), not because of the
 * database's own state.
 */
export function isDataFault(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^2[23]/.test(code)
}
