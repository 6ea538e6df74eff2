import { rmSync } from 'node:fs'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Logger } from '../lib/logger.ts'
import { invocationSchema, type Recipe } from '../protocol/agent-messages.ts'
import { replaceFile, syncNames } from './replace-file.ts'

const recipeSchema = invocationSchema.shape.wanted.unwrap()

const installedRecordSchema = z.object({
  extensionId: z.string(),
  extensionName: z.string(),
  executionId: z.string(),
  status: z.enum(['installed', 'broken']),
  recipe: recipeSchema,
  recordedAt: z.int(),
})
/** What this instance has of one extension, with all that is needed to uninstall it or put it back (parameters included: mode 0600). */
export type InstalledRecord = z.infer<typeof installedRecordSchema>

/** STATE/installed/<extensionId>.json. */
export interface InstalledRecords {
  read(extensionId: string): Promise<InstalledRecord | undefined>
  /** On disk when it returns. */
  write(record: InstalledRecord): void
  remove(extensionId: string): void
  /** Digests of the artifacts of what is recorded: they must stay, to uninstall or to put back. */
  artifacts(): Iterable<string>
}

export async function openInstalledRecords(directory: string, log: Logger): Promise<InstalledRecords> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const artifactOf = new Map<string, string | undefined>()
  const pathOf = (extensionId: string) => join(directory, `${extensionId}.json`)
  const note = (extensionId: string, recipe: Recipe) =>
    artifactOf.set(extensionId, recipe.configuration.artifact?.sha256)

  async function read(extensionId: string): Promise<InstalledRecord | undefined> {
    const path = pathOf(extensionId)
    try {
      return installedRecordSchema.parse(JSON.parse(await readFile(path, 'utf8')))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      if ((error as NodeJS.ErrnoException).code !== undefined) throw error
      log.error('the record of an installed extension cannot be read; the server is believed instead', {
        path,
        error: String(error),
      })
      return undefined
    }
  }

  for (const name of await readdir(directory)) {
    if (name.endsWith('.tmp')) await rm(join(directory, name))
    if (!name.endsWith('.json')) continue
    const record = await read(name.slice(0, -'.json'.length))
    if (record) note(record.extensionId, record.recipe)
  }

  return {
    // Only this writes them: what was not there when it was opened, or written since, is not there.
    read: async (extensionId) => (artifactOf.has(extensionId) ? read(extensionId) : undefined),
    write(record) {
      replaceFile(pathOf(record.extensionId), JSON.stringify(record))
      note(record.extensionId, record.recipe)
    },
    remove(extensionId) {
      if (!artifactOf.has(extensionId)) return
      rmSync(pathOf(extensionId), { force: true })
      syncNames(directory)
      artifactOf.delete(extensionId)
    },
    *artifacts() {
      for (const sha256 of artifactOf.values()) if (sha256 !== undefined) yield sha256
    },
  }
}
