import { readPackageArch } from '../../../core/artifact/package-arch.ts'
import { readPackageApart } from '../../../lib/package-file/read-package-apart.ts'
import type { PackageFile } from '../../../lib/package-file/read-package-file.ts'
import type { Actor, AppContext } from '../context.ts'
import { findArtifact } from './find-artifact.ts'

export interface ArtifactMetadata extends PackageFile {
  readonly sizeBytes: number
  /** As in configurations: `x86_64`, `arm64`, `any`, or unchanged from the package. */
  readonly arch: string | undefined
}

/**
 * The kind of an artifact, and the metadata in a package. Reads a few KB of it. @throws
 * ArtifactNotFound
 */
export async function readArtifactMetadata(
  context: Pick<AppContext, 'database' | 'objects' | 'clock'>,
  actor: Pick<Actor, 'accountId'>,
  sha256: string,
): Promise<ArtifactMetadata> {
  const { sizeBytes } = await findArtifact(context, actor, sha256)
  const file = await readPackageApart({
    sizeBytes,
    async read(start, lengthBytes) {
      if (lengthBytes === 0) return Buffer.alloc(0)
      const pieces: Buffer[] = []
      for await (const piece of await context.objects.read(sha256, { start, end: start + lengthBytes - 1 }))
        pieces.push(Buffer.from(piece))
      return Buffer.concat(pieces)
    },
  })
  return { ...file, sizeBytes, arch: file.facts && readPackageArch(file.facts.architecture) }
}
