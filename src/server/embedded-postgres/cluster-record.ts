import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { OperatorError } from '../../lib/operator-error.ts'
import { writeFileDurably } from '../../lib/write-file-durably.ts'

const schema = z.object({
  format: z.literal(1),
  password: z.string().min(20),
  /** Absent: `postgres` in the data directory, wherever that was moved to. */
  home: z.string().startsWith('/').optional(),
})

/** The file `postgres.json` (0600) of a data directory: where its database is, and the password. */
export type ClusterRecord = z.infer<typeof schema>

const fileOf = (dataDirectory: string) => join(dataDirectory, 'postgres.json')

/** Reads the record; undefined if there is none. @throws OperatorError if it is damaged */
export async function readClusterRecord(dataDirectory: string): Promise<ClusterRecord | undefined> {
  let text: string
  try {
    text = await readFile(fileOf(dataDirectory), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    return schema.parse(JSON.parse(text))
  } catch {
    // The parser's message could contain the password.
    throw new OperatorError(
      `${fileOf(dataDirectory)} is damaged or was written by a newer Chandler. Restore it from a backup: it says where the database is and holds its password.`,
    )
  }
}

/**
 * Written before the cluster is created, so that no cluster exists whose password was not saved.
 */
export async function insertClusterRecord(dataDirectory: string, home: string | undefined): Promise<ClusterRecord> {
  const password = randomBytes(24).toString('base64url')
  const record: ClusterRecord = { format: 1, password, ...(home === undefined ? {} : { home }) }
  await writeFileDurably(fileOf(dataDirectory), `${JSON.stringify(record)}\n`)
  return record
}
