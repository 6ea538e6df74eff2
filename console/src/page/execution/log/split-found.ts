/** Splits a text into matching (ignoring case) and other parts. */
export function splitFound(text: string, search: string): { readonly piece: string; readonly isMatch: boolean }[] {
  const [lower, sought] = [text.toLowerCase(), search.toLowerCase()]
  // Characters whose lower case is longer would shift all later positions.
  if (sought === '' || lower.length !== text.length) return [{ piece: text, isMatch: false }]
  const pieces: { piece: string; isMatch: boolean }[] = []
  let from = 0
  for (let at = lower.indexOf(sought); at >= 0; at = lower.indexOf(sought, from)) {
    if (at > from) pieces.push({ piece: text.slice(from, at), isMatch: false })
    from = at + sought.length
    pieces.push({ piece: text.slice(at, from), isMatch: true })
  }
  if (from < text.length) pieces.push({ piece: text.slice(from), isMatch: false })
  return pieces
}
