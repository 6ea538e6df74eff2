/**
 * Whether a text matches a pattern of a policy: `*` matches any characters or none, `?` any single
 * one (a code point, as LIKE of SQL), and every other character itself. Takes at most (length of the text) x (length of the
 * pattern) steps for any pattern, because only the last `*` is retried.
 */
export function matchWildcard(pattern: string, text: string): boolean {
  let inPattern = 0
  let inText = 0
  let star = -1
  let afterStar = 0
  while (inText < text.length) {
    if (pattern[inPattern] === '*') {
      star = inPattern++
      afterStar = inText
    } else if (pattern[inPattern] === '?') {
      inPattern++
      inText += widthAt(text, inText)
    } else if (inPattern < pattern.length && pattern[inPattern] === text[inText]) {
      inPattern++
      inText++
    } else if (star >= 0) {
      inPattern = star + 1
      afterStar += widthAt(text, afterStar)
      inText = afterStar
    } else {
      return false
    }
  }
  while (pattern[inPattern] === '*') inPattern++
  return inPattern === pattern.length
}

/** Of the code point at an index: a pair of surrogates has two units. */
const widthAt = (text: string, index: number): number => ((text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1)
