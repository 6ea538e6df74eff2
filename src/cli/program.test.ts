import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { makeCliContext } from '../../test/make-cli-context.ts'
import { createProgram } from './program.ts'

const listCommands = (command: Command, path: string): { path: string; command: Command }[] => [
  { path, command },
  ...command.commands.flatMap((sub) => listCommands(sub, `${path} ${sub.name()}`)),
]
const program = createProgram(makeCliContext().context, '0.0.0')
const commands = listCommands(program, 'chandler')
/** Text that looks like a command and is none. */
const prose = ['chandler help', 'chandler listening on']
const page = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8')

test.each(commands.filter(({ command }) => command.commands.length === 0).map(({ path }) => path))(
  'docs/cli.md has %s',
  (path) => {
    expect(page).toContain(path)
  },
)

test('docs/cli.md mentions only existing commands', () => {
  const known = new Set(commands.map(({ path }) => path))
  const named = [...page.matchAll(/chandler(?: [a-z][a-z-]+){1,2}/g)].map(([text]) => text)
  const isKnown = (text: string) => known.has(text) || known.has(text.split(' ').slice(0, 2).join(' '))
  expect(named.filter((text) => !isKnown(text) && !prose.includes(text))).toEqual([])
})
