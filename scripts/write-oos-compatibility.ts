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
    'Calling one of these answers `InvalidAction.NotFound`, with the reason.',
    '',
    ...table(
      ['operations', 'why not'],
      notPlanned.map(({ operations: names, reason }) => [names.map((name) => `\`${name}\``).join(', '), reason]),
    ),
    '',
    '## Where this server differs, or had to choose',
    '',
    'OOS is documented in part only. What is not documented was chosen so that a client is least surprised; the rest is different on purpose.',
    '',
    ...table(
      ['about', 'here', 'because'],
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
