/** Limit: browsers only hash data that is entirely in memory. */
const maxDigestedBytes = 64 * 1024 * 1024

/**
 * SHA-256 of a file in lower-case hex: avoids uploading known packages and detects corruption.
 * Undefined for large files and without Web Crypto (a console without HTTPS).
 */
export async function digestOf(file: Blob): Promise<string | undefined> {
  // The type omits that it is undefined outside secure contexts.
  const subtle = globalThis.crypto.subtle as SubtleCrypto | undefined
  if (subtle === undefined || file.size > maxDigestedBytes) return undefined
  const digest = new Uint8Array(await subtle.digest('SHA-256', await file.arrayBuffer()))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
