/** A package file that may be large: only what is asked for is read. */
export interface PackageBytes {
  readonly sizeBytes: number
  /** Shorter at the end of the file. */
  read(start: number, lengthBytes: number): Promise<Buffer>
}

/** The file is not what it says it is, or more than is looked at; the message is for people. */
export class PackageFileError extends Error {
  override name = 'PackageFileError'
}

/** Exactly so many bytes. */
export async function readExactly(file: PackageBytes, start: number, lengthBytes: number): Promise<Buffer> {
  const bytes = start + lengthBytes <= file.sizeBytes ? await file.read(start, lengthBytes) : Buffer.alloc(0)
  if (bytes.length !== lengthBytes) throw new PackageFileError('it ends too early')
  return bytes
}

export interface PackageFacts {
  readonly name: string
  readonly version: string
  /** As the package says it: `amd64`, `noarch`. */
  readonly architecture: string
  readonly summary: string
  /** As a person would write them: `libc6 (>= 2.34)`, `openssl-libs >= 3.0`. */
  readonly dependencies: readonly string[]
}

/** More than anybody reads; a package may claim any number. */
export const maxDependencies = 500
export const maxTextLength = 1_024

/** One line for people: no control characters, not too long. */
export const cleanText = (text: string): string =>
  text
    .replaceAll(/[\p{Cc}\p{Cf}\ufffd]+/gu, ' ')
    .trim()
    .slice(0, maxTextLength)
