import { type PackageBytes, type PackageFacts, PackageFileError } from './package-bytes.ts'
import { readDeb } from './read-deb.ts'
import { readMsi } from './read-msi.ts'
import { readRpm } from './read-rpm.ts'

export type PackageKind = 'deb' | 'rpm' | 'msi' | 'tar' | 'zip' | 'file'

export interface PackageFile {
  readonly kind: PackageKind
  /** Metadata of deb, rpm and msi, if readable. */
  readonly facts?: PackageFacts
  /** Why the metadata is unreadable. */
  readonly problem?: string
}

/**
 * Detects the file type by the first bytes and reads the package metadata. Reads little, and never
 * fails because of the content.
 */
export async function readPackageFile(file: PackageBytes): Promise<PackageFile> {
  const kind = kindOf(await file.read(0, Math.min(file.sizeBytes, 512)))
  const readFacts = readers[kind]
  if (readFacts === undefined) return { kind }
  try {
    return { kind, facts: await readFacts(file) }
  } catch (error) {
    if (error instanceof PackageFileError) return { kind, problem: error.message }
    throw error
  }
}

const readers: Partial<Record<PackageKind, (file: PackageBytes) => Promise<PackageFacts>>> = {
  deb: readDeb,
  rpm: readRpm,
  msi: readMsi,
}

/** File type by its first 512 bytes. */
export function kindOf(head: Buffer): PackageKind {
  const startsWith = (...bytes: number[]) => bytes.every((byte, index) => head[index] === byte)
  if (head.toString('latin1', 0, 21) === '!<arch>\ndebian-binary') return 'deb'
  if (startsWith(0xed, 0xab, 0xee, 0xdb)) return 'rpm'
  if (startsWith(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1)) return 'msi'
  if (startsWith(0x50, 0x4b, 3, 4) || startsWith(0x50, 0x4b, 5, 6)) return 'zip'
  const isCompressed =
    startsWith(0x1f, 0x8b) || startsWith(0xfd, 0x37, 0x7a, 0x58, 0x5a) || startsWith(0x28, 0xb5, 0x2f, 0xfd)
  return isCompressed || head.toString('latin1', 257, 262) === 'ustar' ? 'tar' : 'file'
}
