/**
 * Parses os-release(5) into names and values; ignores lines that are not assignments, as the manual
 * requires.
 */
export function parseOsRelease(text: string): Map<string, string> {
  const values = new Map<string, string>()
  for (const line of text.split('\n')) {
    const match = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line.trim())
    if (match) values.set(match[1] as string, unquote((match[2] as string).trim()))
  }
  return values
}

/**
 * Values are quoted as in a shell: '…' is literal; in "…" and outside quotes a backslash escapes
 * the next character.
 */
function unquote(value: string): string {
  const quote = value[0]
  if (quote === "'" && value.endsWith("'") && value.length > 1) return value.slice(1, -1)
  const inner = quote === '"' && value.endsWith('"') && value.length > 1 ? value.slice(1, -1) : value
  return inner.replace(/\\(.)/g, '$1')
}
