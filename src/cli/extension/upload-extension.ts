import { open } from 'node:fs/promises'
import type { Client } from '../../client/client.ts'
import { digestFile } from '../../lib/digest.ts'
import type { CreatedVersion, ExtensionInput } from '../../protocol/api/extensions.ts'
import { UsageError } from '../usage-error.ts'
import type { ConfigurationSource } from './configuration-source.ts'
import type { ExtensionDraft } from './read-extension.ts'

export interface UploadProgress {
  /** A package file is being uploaded, or the server already has it. */
  uploaded(fileName: string, sizeBytes: number, existed: boolean): void
}

/**
 * Uploads the package files of an extension, then creates it (`create`) or its next version
 * (`update`).
 */
export async function uploadExtension(
  client: Client,
  { input, configurations }: ExtensionDraft,
  how: 'create' | 'update',
  progress: UploadProgress,
): Promise<CreatedVersion> {
  const sent = new Map<string, string>()
  const complete: ExtensionInput['configurations'] = []
  for (const { input: configuration, artifact } of configurations) {
    if (!artifact) {
      complete.push(configuration)
      continue
    }
    const path = artifact.file?.path ?? ''
    const sha256 = sent.get(path) ?? (await uploadArtifact(client, artifact, progress))
    sent.set(path, sha256)
    complete.push({ ...configuration, artifact: { sha256, fileName: artifact.fileName, kind: artifact.kind } })
  }
  if (how === 'create') return await client.extensions.create({ ...input, configurations: complete })
  const { versionDescription, scope, parameters } = input
  return await client.extensions.createVersion(input.name, {
    versionDescription,
    scope,
    parameters,
    configurations: complete,
  })
}

async function uploadArtifact(
  client: Client,
  { file, fileName }: NonNullable<ConfigurationSource['artifact']>,
  progress: UploadProgress,
): Promise<string> {
  if (!file) throw new Error(`${fileName} was not found, and yet it is to be uploaded`)
  const { sha256, sizeBytes } = await digestFile(file.path)
  if (sizeBytes !== file.sizeBytes)
    throw new UsageError(`${file.name} changed during the upload`, 'Wait until its build has ended.')
  const { existed } = await client.artifacts.upload({ sha256, sizeBytes, open: () => open(file.path) })
  progress.uploaded(file.name, sizeBytes, existed)
  return sha256
}
