/** `name=value` lines; empty lines are nothing. A line that is none is named. */
export function readTags(
  text: string,
): { readonly tags: Readonly<Record<string, string>> } | { readonly wrongLine: string } {
  const tags: [string, string][] = []
  for (const line of text.split('\n').map((part) => part.trim())) {
    if (line === '') continue
    const [, name, value] = /^([^=]+)=(.*)$/.exec(line) ?? []
    if (name === undefined || value === undefined || name.trim() === '') return { wrongLine: line }
    tags.push([name.trim(), value.trim()])
  }
  return { tags: Object.fromEntries(tags) }
}
