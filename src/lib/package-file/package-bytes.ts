/** Random access to a package file, which may be large. */
export interface PackageBytes {
  readonly sizeBytes: number
  /** Returns fewer bytes at the end of the file. */
  read(start: number, lengthBytes: number): Promise<Buffer>
}

/** The file does not have the format it claims, or exceeds a limit. Users see the message. */
export class PackageFileError extends Error {
  override name = 'PackageFileError'
}

/** Reads exactly so many bytes. */
export async function readExactly(file: PackageBytes, start: number, lengthBytes: number): Promise<Buffer> {
  const bytes = start + lengthBytes <= file.sizeBytes ? await file.read(start, lengthBytes) : Buffer.alloc(0)
  if (bytes.length !== lengthBytes) throw new PackageFileError('it ends too early')
  return bytes
}

export interface PackageFacts {
  readonly name: string
  readonly version: string
  /** As written in the package: `amd64`, `noarch`. */
  readonly architecture: string
  readonly summary: string
  /** In the notation of the package manager: `libc6 (>= 2.34)`, `openssl-libs >= 3.0`. */
  readonly dependencies: readonly string[]
}

/** Enough to display; a package may declare any number. */
export const maxDependencies = 500
export const maxTextLength = 1_024

/** One printable line: no control characters, limited length. */
export const cleanText = (text: string): string =>
  text
    .replaceAll(/[\p{Cc}\p{Cf}\ufffd]+/gu, ' ')
    .trim()
    .slice(0, maxTextLength)
