/** Where a line (from 1) begins and ends in a text; the end of the text for one that is not there. */
export function findLine(text: string, line: number): { readonly start: number; readonly end: number } {
  let start = 0
  for (let passed = 1; passed < line; passed++) {
    const next = text.indexOf('\n', start)
    if (next < 0) return { start: text.length, end: text.length }
    start = next + 1
  }
  const end = text.indexOf('\n', start)
  return { start, end: end < 0 ? text.length : end }
}
