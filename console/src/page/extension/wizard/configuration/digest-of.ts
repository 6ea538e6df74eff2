/** The browser digests only what is in memory as a whole. */
const maxDigestedBytes = 64 * 1024 * 1024

/**
 * The sha256 of a file, in lower-case hex: with it a package that is on the server already is not sent again, and one that arrives damaged is
 * refused. Undefined for a large one, and where the browser has no cryptography (a console without HTTPS).
 */
export async function digestOf(file: Blob): Promise<string | undefined> {
  // Its type does not say that it is absent outside of secure contexts.
  const subtle = globalThis.crypto.subtle as SubtleCrypto | undefined
  if (subtle === undefined || file.size > maxDigestedBytes) return undefined
  const digest = new Uint8Array(await subtle.digest('SHA-256', await file.arrayBuffer()))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
