import { join } from 'node:path'
import { administratorName } from '../../core/access/principal.ts'
import { writeFileDurably } from '../../lib/write-file-durably.ts'
import type { FirstCredentials } from '../app/access/bootstrap.ts'

/** Where the first credentials are kept when standard output is not a terminal: a service manager writes that to its journal. */
export const credentialsFileOf = (dataDirectory: string) => join(dataDirectory, 'initial-credentials')

/** 0600, in the form of an environment file. */
export const writeCredentials = (file: string, credentials: FirstCredentials): Promise<void> =>
  writeFileDurably(
    file,
    `# Made at the first start. Sign in, then delete this file.\n${listCredentials(credentials).join('\n')}\n`,
  )

/** What was generated, one a line. */
export function listCredentials({ id, secret, generated, password }: FirstCredentials): string[] {
  const accessKey = generated ? [`CHANDLER_ACCESS_KEY_ID=${id}`, `CHANDLER_ACCESS_KEY_SECRET=${secret}`] : []
  const signIn = password === undefined ? [] : [`CONSOLE_USER=${administratorName}`, `CONSOLE_PASSWORD=${password}`]
  return [...accessKey, ...signIn]
}
