/** Parses an Authorization header (Basic or Bearer); undefined if it is neither. */
export function parseAuthorization(
  header: string | undefined,
): { readonly id: string; readonly secret: string } | undefined {
  const [, scheme = '', credentials = ''] = /^(basic|bearer) +(\S+) *$/i.exec(header ?? '') ?? []
  if (scheme === '') return undefined
  const text = scheme.toLowerCase() === 'basic' ? Buffer.from(credentials, 'base64').toString('utf8') : credentials
  const colon = text.indexOf(':')
  // No id has other characters, and the database does not accept a NUL.
  if (colon < 1 || !/^[\w.-]{1,128}$/.test(text.slice(0, colon))) return { id: '-', secret: '' }
  return { id: text.slice(0, colon), secret: text.slice(colon + 1) }
}
