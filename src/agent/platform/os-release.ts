import type { Facts } from '../../core/instance/facts.ts'

/**
 * The facts in the text of an os-release file. IDs are in lower case, because openEuler and UOS
 * write theirs in mixed case.
 * @param fallback the id if the file has none
 */
export function readDistribution(
  text: string,
  fallback: string,
): Pick<Facts['os'], 'id' | 'version' | 'name'> & { readonly idLike: readonly string[] } {
  const values = parseOsRelease(text)
  const id = values.get('ID')?.toLowerCase() || fallback
  const version = values.get('VERSION_ID') ?? ''
  const idLike = (values.get('ID_LIKE') ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  return { id, version, idLike, name: values.get('PRETTY_NAME') ?? `${id} ${version}`.trim() }
}

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
