import { OperatorError } from '../../lib/operator-error.ts'

const explanations: readonly [RegExp, string][] = [
  [/No space left on device/i, 'The disk is full: make room and start again.'],
  [/Disk quota exceeded/i, 'The disk quota is used up: make room and start again.'],
  [
    /could not look up effective user ID/i,
    'The user that runs Chandler has no entry in /etc/passwd: add one, start as another user, or set DATABASE_URL.',
  ],
  [
    /GLIBC_|libc\.so|cannot execute|ld-linux/i,
    'These binaries need glibc 2.27 or newer: set DATABASE_URL to a PostgreSQL of your own.',
  ],
  [
    /shared memory|semaphore/i,
    'The machine gives too little shared memory or semaphores: raise its limits, or set DATABASE_URL.',
  ],
  [
    /Permission denied/i,
    'A file cannot be reached by the user that PostgreSQL runs as: do not run Chandler now as root and now as another user.',
  ],
  [
    /has wrong ownership|invalid permissions/i,
    'The files belong to another user: run Chandler as the user who made the data directory.',
  ],
]

/**
 * Builds the error for operators: what failed, the cause if it is a known one, and the last output
 * of PostgreSQL.
 */
export function explainFailure(what: string, where: string, output: readonly string[]): OperatorError {
  const text = output.slice(-8).join('\n  ')
  const known = explanations.find(([pattern]) => pattern.test(text))?.[1]
  return new OperatorError(
    [`${what} (${where}).`, known, text && `Last output of PostgreSQL:\n  ${text}`].filter(Boolean).join(' '),
  )
}
