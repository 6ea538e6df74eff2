/** Start and end offset of a line (from 1); the end of the text if there is no such line. */
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
