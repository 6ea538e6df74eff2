// Writes docs/oos-compatibility.md from the tables of src/server/oos: `node scripts/write-oos-compatibility.ts`. A test checks that the page is current.
import { readFileSync, writeFileSync } from 'node:fs'
import { choices } from '../src/server/oos/choices.ts'
import { notPlanned } from '../src/server/oos/not-planned.ts'
import { operations } from '../src/server/oos/operations.ts'

export const oosCompatibilityFile = new URL('../docs/oos-compatibility.md', import.meta.url)
const introduction = new URL('oos-compatibility-introduction.md', import.meta.url)

export function renderOosCompatibility(): string {
  return [
    readFileSync(introduction, 'utf8').trimEnd(),
    '',
    '## Operations',
    '',
    ...table(
      ['operation', 'state'],
      operations
        .map(({ name, state }) => [`\`${name}\``, state === 'works' ? 'works' : `partly: ${state.partly}`])
        .toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)),
    ),
    '',
    '## Not planned',
    '',
    'Calls of these operations return `InvalidAction.NotFound` with the reason.',
    '',
    ...table(
      ['operations', 'reason'],
      notPlanned.map(({ operations: names, reason }) => [names.map((name) => `\`${name}\``).join(', '), reason]),
    ),
    '',
    '## Differences from OOS',
    '',
    'Some behaviour of OOS is not documented. In these cases the server does what clients most likely expect; other differences are intentional.',
    '',
    ...table(
      ['subject', 'behaviour', 'reason'],
      choices.map(({ about, choice, reason }) => [about, choice, reason]),
    ),
    '',
  ].join('\n')
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => '---'), ...rows].map(
    (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`,
  )

if (import.meta.main) writeFileSync(oosCompatibilityFile, renderOosCompatibility())
