import type { ArtifactKind } from '../../core/extension/extension.ts'

/** Number of bytes that `matchArtifactKind` needs. */
export const artifactHeadBytes = 512

/** Why the first bytes of a file exclude a kind; undefined if they match. */
export function findKindMismatch(kind: ArtifactKind, head: Uint8Array): string | undefined {
  const startsWith = (...bytes: number[]) => bytes.every((byte, index) => head[index] === byte)
  const holds = (text: string, offset: number) =>
    startsWithAt(
      head,
      offset,
      [...text].map((letter) => letter.charCodeAt(0)),
    )
  const fits: Readonly<Record<ArtifactKind, () => boolean>> = {
    deb: () => holds('!<arch>\n', 0),
    rpm: () => startsWith(0xed, 0xab, 0xee, 0xdb),
    msi: () => startsWith(0xd0, 0xcf, 0x11, 0xe0),
    zip: () => startsWith(0x50, 0x4b),
    // gzip, xz, or a plain tar
    tar: () => startsWith(0x1f, 0x8b) || startsWith(0xfd, 0x37, 0x7a, 0x58, 0x5a) || holds('ustar', 257),
    file: () => true,
  }
  return fits[kind]() ? undefined : `the file is not a valid ${kind} file; rebuild it or correct the field kind`
}

const startsWithAt = (head: Uint8Array, offset: number, bytes: readonly number[]) =>
  bytes.every((byte, index) => head[offset + index] === byte)
