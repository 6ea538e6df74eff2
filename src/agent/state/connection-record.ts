import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

const connectionRecordSchema = z.object({
  /** The name of the program's folder. */
  program: z.string(),
  pid: z.int(),
})
/** The agent that the server welcomed last, in STATE/connected.json: the proof that an upgrade works. */
export type ConnectionRecord = z.infer<typeof connectionRecordSchema>

const pathIn = (stateDirectory: string) => join(stateDirectory, 'connected.json')

export async function writeConnectionRecord(stateDirectory: string, record: ConnectionRecord): Promise<void> {
  const draft = `${pathIn(stateDirectory)}.tmp`
  try {
    await writeFile(draft, JSON.stringify(record), { mode: 0o600 })
    await rename(draft, pathIn(stateDirectory))
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/** Undefined if there is none, or none that can be read. */
export async function readConnectionRecord(stateDirectory: string): Promise<ConnectionRecord | undefined> {
  try {
    return connectionRecordSchema.parse(JSON.parse(await readFile(pathIn(stateDirectory), 'utf8')))
  } catch {
    return undefined
  }
}
