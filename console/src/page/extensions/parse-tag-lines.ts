/** Tags as they are typed, `key=value` a line. `line` is the first one that is none. */
export function parseTagLines(text: string): { readonly tags: Record<string, string> } | { readonly line: string } {
  const tags: [string, string][] = []
  for (const written of text.split('\n')) {
    const line = written.trim()
    if (line === '') continue
    const equals = line.indexOf('=')
    if (equals < 1) return { line }
    tags.push([line.slice(0, equals).trim(), line.slice(equals + 1).trim()])
  }
  return { tags: Object.fromEntries(tags) }
}
