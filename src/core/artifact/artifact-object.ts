import { countUtf8Bytes } from '../count-utf8-bytes.ts'
import type { Artifact } from '../extension/extension.ts'
import { maxObjectKeyBytes } from '../limits.ts'
import type { ObjectName } from './object-name.ts'

/**
 * The built-in bucket: it contains every artifact of the account as `SHA256/FILENAME`, and cannot
 * be created, changed or deleted.
 */
export const artifactBucket = 'chandler-artifacts'

/**
 * The object of an artifact; one that was uploaded without a bucket is an object of the built-in
 * one.
 */
export const artifactObjectOf = ({
  object,
  sha256,
  fileName,
}: Pick<Artifact, 'object' | 'sha256' | 'fileName'>): ObjectName =>
  object ?? { bucket: artifactBucket, key: `${sha256}/${fileName}` }

/** Parses a key of the built-in bucket; undefined if it is not one. */
export function parseArtifactKey(key: string): { readonly sha256: string; readonly fileName: string } | undefined {
  const [, sha256, fileName] = /^([0-9a-f]{64})\/([^/\\\0]{1,255})$/.exec(key) ?? []
  return sha256 === undefined || fileName === undefined ? undefined : { sha256, fileName }
}

/**
 * Why a key is invalid by the rules of OSS, to follow "the key". Text that PostgreSQL cannot store
 * is refused, too.
 */
export function validateObjectKey(key: string): string | undefined {
  if (key === '') return 'is empty'
  if (key.length > maxObjectKeyBytes || countUtf8Bytes(key) > maxObjectKeyBytes)
    return `is longer than ${maxObjectKeyBytes} bytes`
  if (key.startsWith('/') || key.startsWith('\\')) return 'begins with a slash; keys are paths without one'
  if (/\p{Cc}/u.test(key)) return 'holds a control character'
  if (!key.isWellFormed()) return 'holds half a character (a lone surrogate)'
  return key.split('/').some((part) => part === '.' || part === '..')
    ? 'holds . or .. as a part of its path'
    : undefined
}

/** The last part of a key: the name of the file on an instance. */
export const fileNameOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1)
