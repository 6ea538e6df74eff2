import { join } from 'node:path'
import { administratorName } from '../../core/access/principal.ts'
import { writeFileDurably } from '../../lib/write-file-durably.ts'
import type { FirstCredentials } from '../app/access/bootstrap.ts'

/**
 * The file for the first credentials when standard output is not a terminal: a service manager
 * would write them to its journal.
 */
export const credentialsFileOf = (dataDirectory: string) => join(dataDirectory, 'initial-credentials')

/** Writes the credentials with mode 0600 as an environment file. */
export const writeCredentials = (file: string, credentials: FirstCredentials): Promise<void> =>
  writeFileDurably(
    file,
    `# Created at the first start. Sign in, then delete this file.\n${listCredentials(credentials).join('\n')}\n`,
  )

/** The generated credentials, one `NAME=value` per line. */
export function listCredentials({ id, secret, generated, password }: FirstCredentials): string[] {
  const accessKey = generated ? [`CHANDLER_ACCESS_KEY_ID=${id}`, `CHANDLER_ACCESS_KEY_SECRET=${secret}`] : []
  const signIn = password === undefined ? [] : [`CONSOLE_USER=${administratorName}`, `CONSOLE_PASSWORD=${password}`]
  return [...accessKey, ...signIn]
}
