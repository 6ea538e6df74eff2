import type { Placeholder } from './placeholder.ts'
import { TemplateFault } from './template-fault.ts'

/** A piece of the script that is replaced. Places are the script's, also where the lexer looks at a part of it. */
export interface TemplateEdit {
  readonly start: number
  readonly end: number
  readonly text: string
  /** Absent: what is around a placeholder is written anew. */
  readonly placeholder?: Placeholder
  /** The value is calculated with, so only a whole number may stand there. */
  isInteger: boolean
}

/** Something that a script may do and that makes code of a value, so that people should look at it. */
export interface TemplateWarning {
  readonly start: number
  readonly message: string
}

/** The text with its edits made; they do not overlap. */
export function applyEdits(text: string, edits: readonly TemplateEdit[]): string {
  const parts: string[] = []
  let at = 0
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    if (edit.start < at) throw new TemplateFault(edit.start, 'it cannot be told what this is a part of')
    parts.push(text.slice(at, edit.start), edit.text)
    at = edit.end
  }
  parts.push(text.slice(at))
  return parts.join('')
}
