// Writes docs/errors.md from the error catalogue: `node scripts/write-error-docs.ts`. A test checks that the page is current.
import { writeFileSync } from 'node:fs'
import { errorCatalogue } from '../src/core/error/errors.ts'

export const errorDocsFile = new URL('../docs/errors.md', import.meta.url)

export function renderErrorDocs(): string {
  const rows = Object.entries(errorCatalogue)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, { status, text, next }]) => `| \`${code}\` | ${status} | ${show(text)} | ${show(next)} |`)
  return [
    '# Errors',
    '',
    'The API, the CLI and the agent use these error codes. The API returns `application/problem+json` with `code`, `status`, `detail` (the cause),',
    '`next` (the resolution) and `arguments` (what both contain, by name). Words in *italics* are placeholders.',
    '',
    'This page is generated from `src/core/error/errors.ts` by `node scripts/write-error-docs.ts`. A test checks that it is current.',
    '',
    '| code | status | message | resolution |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}

const show = (text: string) => {
  const cell = text.replaceAll('|', '\\|')
  // Inside code spans Markdown knows no italics; there the word is shown in capitals, as a placeholder of a command.
  return cell
    .split('`')
    .map((part, place) =>
      part.replaceAll(/\{(\w+)\}/g, (_, word: string) => (place % 2 === 1 ? word.toUpperCase() : `*${word}*`)),
    )
    .join('`')
}

if (import.meta.main) writeFileSync(errorDocsFile, renderErrorDocs())
