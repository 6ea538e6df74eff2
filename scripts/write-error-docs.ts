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
    'Every error of the API, the CLI and the agent has one of these codes. The API answers with `application/problem+json`: `code`, `status`,',
    '`detail` (what is wrong), `next` (what to do) and, where it helps programs, `details`. Words in *italics* are filled in.',
    '',
    'This page is made from `src/core/error/errors.ts` by `node scripts/write-error-docs.ts`; a test keeps the two together.',
    '',
    '| code | status | what is wrong | what to do |',
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
