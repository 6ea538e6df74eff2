import { rmSync, writeFileSync } from 'node:fs'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from '../../lib/logger.ts'
import { replaceFileSync } from '../../lib/replace-file.ts'
import { syncDirectory, syncFile } from '../../lib/write-file-durably.ts'
import type { InstalledRecordEntry } from '../../protocol/agent-messages.ts'
import type { InstalledRecord } from '../../protocol/agent-records.ts'
import { installedRecordShape } from '../../protocol/agent-shapes.ts'
import { readShape } from '../../protocol/shape.ts'
import { renameInstallation } from './earlier-names.ts'

/**
 * STATE/installed/<extensionId>.json. A change survives a kill of the agent immediately, and a
 * power failure after `flush`: until then the journal has the invocation with its end, and the next
 * start repeats the change.
 */
export interface InstalledRecords {
  read(extensionId: string): Promise<InstalledRecord | undefined>
  write(record: InstalledRecord): Promise<void>
  remove(extensionId: string): Promise<void>
  /** The last change of an extension is on disk when it resolves. */
  flush(extensionId: string): Promise<void>
  /** All records, in the form of a hello. */
  list(): InstalledRecordEntry[]
  /**
   * Digests of the artifacts of installed extensions, which are needed to uninstall or to roll
   * back.
   */
  artifacts(): Iterable<string>
}

export async function openInstalledRecords(directory: string, log: Logger): Promise<InstalledRecords> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const known = new Map<string, { readonly entry: InstalledRecordEntry; readonly sha256: string | undefined }>()
  const pathOf = (extensionId: string) => join(directory, `${extensionId}.json`)
  const note = (record: InstalledRecord) =>
    known.set(record.extensionId, {
      entry: describeRecord(record),
      sha256: record.installation.configuration.artifact?.sha256,
    })

  async function read(extensionId: string): Promise<InstalledRecord | undefined> {
    const path = pathOf(extensionId)
    try {
      return readShape(installedRecordShape, renameInstallation(JSON.parse(await readFile(path, 'utf8'))))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      if ((error as NodeJS.ErrnoException).code !== undefined) throw error
      log.error('the record of an installed extension cannot be read; the server decides instead', {
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
    if (record) note(record)
  }

  return {
    // Only this class writes them: a file that did not exist at open and was not written since does
    // not exist.
    read: async (extensionId) => (known.has(extensionId) ? read(extensionId) : undefined),
    async write(record) {
      const draft = `${pathOf(record.extensionId)}.tmp`
      try {
        writeFileSync(draft, JSON.stringify(record), { mode: 0o600 })
        replaceFileSync(draft, pathOf(record.extensionId))
      } catch (error) {
        rmSync(draft, { force: true })
        throw error
      }
      note(record)
    },
    async remove(extensionId) {
      if (!known.has(extensionId)) return
      await rm(pathOf(extensionId), { force: true })
      known.delete(extensionId)
    },
    async flush(extensionId) {
      await Promise.all([known.has(extensionId) && syncFile(pathOf(extensionId)), syncDirectory(directory)])
    },
    list: () => [...known.values()].map(({ entry }) => entry),
    *artifacts() {
      for (const { sha256 } of known.values()) if (sha256 !== undefined) yield sha256
    },
  }
}

const describeRecord = ({
  extensionId,
  extensionName,
  status,
  installation,
}: InstalledRecord): InstalledRecordEntry => ({
  extensionId,
  extensionName,
  status,
  version: installation.version,
  configurationId: installation.configuration.id,
  parametersDigest: installation.parametersDigest,
  ...(installation.contentDigest === undefined ? {} : { contentDigest: installation.contentDigest }),
})
