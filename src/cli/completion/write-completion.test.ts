import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { makeCliContext } from '../../../test/make-cli-context.ts'
import { createProgram } from '../program.ts'
import { writeCompletion } from './write-completion.ts'

const program = createProgram(makeCliContext().context, '0.0.0')

/** The completions that bash offers for a line; bash runs the script itself. */
function offer(...words: string[]): string[] {
  const script = `${writeCompletion('bash', program)}
COMP_WORDS=(chandler ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}
_chandler; printf '%s\\n' "\${COMPREPLY[@]}"`
  // --norc: with a socket as standard input bash assumes a remote shell and reads its start-up
  // file.
  const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-uc', script], { encoding: 'utf8' })
  expect([status, stderr]).toEqual([0, ''])
  return stdout.split('\n').filter(Boolean)
}

describe('bash', () => {
  test.each([
    [['exec'], ['execution']],
    [['execution', 'li'], ['list']],
    [
      ['plan', ''],
      ['install', 'uninstall', 'update', '--help'],
    ],
    [['install', 'demo', '--tar'], ['--targets']],
    [
      ['install', '--targets', 'all', 'demo', '--pa'],
      ['--param', '--pause'],
    ],
    [
      ['install', 'demo', '--pause', ''],
      ['none', 'first', 'every'],
    ],
    [['instance', 'list', '-o', 'j'], ['json']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish', '--help'],
    ],
    [['nowhere', '--zzz'], []],
  ])('%j', (words, expected) => {
    expect(offer(...words).toSorted()).toEqual(expected.toSorted())
  })
})

test('every command is in the script of every shell', () => {
  for (const shell of ['bash', 'zsh', 'fish'] as const) {
    const script = writeCompletion(shell, program)
    expect(script).toContain('execution retry')
    expect(script).toContain(shell === 'fish' ? 'client-token' : '--client-token')
  }
})
