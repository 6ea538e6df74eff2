import { dirname, resolve } from 'node:path'
import type { Client } from '../../client/client.ts'
import { parseVersion } from '../../core/extension/extension.ts'
import type { FleetFile } from '../../protocol/fleet-file.ts'
import { hasErrors } from '../extension/lint-problem.ts'
import { readExtension } from '../extension/read-extension.ts'
import { uploadExtension } from '../extension/upload-extension.ts'
import { renderLocalStatement } from '../trust/local-statement.ts'
import { UsageError } from '../usage-error.ts'
import type { ServerFleet } from './fleet-objects.ts'

/** An extension of which a folder has other content than the latest version. */
export interface FolderChange {
  readonly name: string
  readonly action: 'create' | 'update'
  /** Creates the extension, or its next version; returns the version. */
  readonly upload: () => Promise<string>
}

/**
 * Compares the folders of a fleet file with the latest versions on the server, by the bytes that a
 * publisher signs.
 * @param path of the file; folders are relative to it
 * @throws UsageError
 */
export async function planFolders(
  client: Client,
  path: string,
  { extensions = {} }: FleetFile,
  server: ServerFleet,
): Promise<FolderChange[]> {
  const changes: FolderChange[] = []
  for (const [name, { from }] of Object.entries(extensions)) {
    const known = server.extensions.find((extension) => extension.name === name)
    if (from === undefined) continue
    const folder = resolve(dirname(path), from)
    const { problems, draft } = await readExtension(folder)
    if (!draft || hasErrors(problems))
      throw new UsageError(
        `the extension in ${from} is invalid`,
        `See the problems with \`chandler extension lint ${from}\`.`,
      )
    if (draft.input.name !== name)
      throw new UsageError(`${from} is the extension ${draft.input.name}, not ${name}`, 'Correct the name in the file.')
    if (known) {
      const { canonical } = await client.extensions.getSignedVersion(name, known.latestVersion)
      if ((await renderLocalStatement(draft, parseVersion(known.latestVersion) ?? 0)) === canonical) continue
    }
    const action = known ? 'update' : 'create'
    const upload = async () => (await uploadExtension(client, draft, action, { uploaded: () => undefined })).version
    changes.push({ name, action, upload })
  }
  return changes
}
