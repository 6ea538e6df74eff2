import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from '../../lib/replace-file.ts'
import type { ConnectionRecord } from '../../protocol/agent-records.ts'
import { connectionRecordShape } from '../../protocol/agent-shapes.ts'
import { tryShape } from '../../protocol/shape.ts'

const pathIn = (stateDirectory: string) => join(stateDirectory, 'connected.json')

export async function writeConnectionRecord(stateDirectory: string, record: ConnectionRecord): Promise<void> {
  const draft = `${pathIn(stateDirectory)}.tmp`
  try {
    await writeFile(draft, JSON.stringify(record), { mode: 0o600 })
    await replaceFile(draft, pathIn(stateDirectory))
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/** Undefined if there is none, or none that can be read. */
export async function readConnectionRecord(stateDirectory: string): Promise<ConnectionRecord | undefined> {
  try {
    return tryShape(connectionRecordShape, JSON.parse(await readFile(pathIn(stateDirectory), 'utf8')))
  } catch {
    return undefined
  }
}
