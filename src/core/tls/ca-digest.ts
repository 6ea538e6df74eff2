/**
 * The SHA-256 of a CA certificate (of its DER bytes), as 64 lower-case hexadecimal digits. Also
 * accepts the form of `openssl x509 -fingerprint -sha256`: upper case with colons.
 * @returns undefined if the text is anything else
 */
export function parseCaDigest(text: string): string | undefined {
  const digits = text
    .trim()
    .replace(/^sha-?256(?: fingerprint)?[:=]/i, '')
    .replaceAll(':', '')
    .toLowerCase()
  return /^[0-9a-f]{64}$/.test(digits) ? digits : undefined
}
