import { stripVTControlCharacters } from 'node:util'

const maxLength = 500

/** Begins the lines of a build that succeeded which the server logs. */
export const warningPrefix = 'warning: '

/** A failed build as one line for the log of the server; bundlers write colours, stacks and several lines. */
export function describeBuildError(error: unknown): string {
  const text = stripVTControlCharacters(error instanceof Error ? error.message : String(error))
  const [cause = ''] = text.split(/\n\s*Stack backtrace:/)
  return `Error: ${cause.replaceAll(/\s+/g, ' ').trim().slice(0, maxLength)}`
}
