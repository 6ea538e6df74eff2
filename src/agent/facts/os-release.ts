/** os-release(5) as name and value; lines that are not assignments are passed over, as it says readers must. */
export function parseOsRelease(text: string): Map<string, string> {
  const values = new Map<string, string>()
  for (const line of text.split('\n')) {
    const match = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line.trim())
    if (match) values.set(match[1] as string, unquote((match[2] as string).trim()))
  }
  return values
}

/** Values are quoted like in a shell: '…' is literal, in "…" and outside of quotes a backslash makes the next character literal. */
function unquote(value: string): string {
  const quote = value[0]
  if (quote === "'" && value.endsWith("'") && value.length > 1) return value.slice(1, -1)
  const inner = quote === '"' && value.endsWith('"') && value.length > 1 ? value.slice(1, -1) : value
  return inner.replace(/\\(.)/g, '$1')
}
