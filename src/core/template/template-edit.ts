import type { Placeholder } from './placeholder.ts'

/** A placeholder and the text that replaces it; positions in the script, in UTF-16 units. */
export interface TemplateEdit {
  readonly start: number
  readonly end: number
  readonly text: string
  readonly placeholder: Placeholder
}

/** Applies edits to a text; they must be in order and not overlap. */
export function applyEdits(text: string, edits: readonly TemplateEdit[]): string {
  const parts: string[] = []
  let at = 0
  for (const edit of edits) {
    parts.push(text.slice(at, edit.start), edit.text)
    at = edit.end
  }
  parts.push(text.slice(at))
  return parts.join('')
}
