/**
 * Whether a text matches a pattern of a policy: `*` matches any characters or none, `?` any single
 * one, and every other character itself. Takes at most (length of the text) x (length of the
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
    } else if (pattern[inPattern] === '?' || (inPattern < pattern.length && pattern[inPattern] === text[inText])) {
      inPattern++
      inText++
    } else if (star >= 0) {
      inPattern = star + 1
      inText = ++afterStar
    } else {
      return false
    }
  }
  while (pattern[inPattern] === '*') inPattern++
  return inPattern === pattern.length
}
