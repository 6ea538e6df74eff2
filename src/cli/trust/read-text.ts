import { readFile } from 'node:fs/promises'
import { UsageError } from '../usage-error.ts'

/** The content of a file that an option names. @throws UsageError */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${(error as Error).message}`)
  }
}
