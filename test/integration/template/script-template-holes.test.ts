// Places where a shell makes code of a value although it stands in quotes: each is refused. The control shows that these values do run there.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { renderScript } from '../../../src/core/template/render-script.ts'
import { makeFolder } from '../agent/agent-engine.ts'

const calculated = 'a[$(touch pwned)]'
const expanded = '$(touch pwned)'
const list = '($(touch pwned))'

/** What is written in the script, and the value. */
const rows: readonly (readonly [script: string, value: string])[] = [
  ['if !(( {{ v }} > 5 )); then echo x; fi', calculated],
  ['if !([[ {{ v }} -eq 5 ]]); then echo x; fi', calculated],
  ['!(a[{{ v }}]=1)', calculated],
  ['a[ {{ v }} ]=1', calculated],
  ['a[1 + {{ v }}]=1', calculated],
  ['a=( [ {{ v }} ]=1 )', calculated],
  ['f() { local a=([1+ {{ v }}]=1); }; f', calculated],
  ['exec {a[{{ v }}]}>out', calculated],
  ['declare -i i; for i in {{ v }}; do :; done', calculated],
  ['declare -i i; select i in {{ v }}; do break; done <<< 1', calculated],
  ['for RANDOM in {{ v }}; do :; done', calculated],
  ['declare -n r; for r in {{ v }}; do echo "$r"; done', calculated],
  ['declare -i i; : "${i:={{ v }}}"', calculated],
  ['declare -i i; printf -v i %s {{ v }}', calculated],
  ['printf -v{{ v }} x', calculated],
  ['builtin -- printf -v {{ v }} x', calculated],
  ['o=-v; [ $o {{ v }} ]', calculated],
  ['[[ {{ v }} -e\\\nq 1 ]]', calculated],
  ['compgen -W {{ v }} -- a', expanded],
  ['PS4={{ v }}; set -x; :', expanded],
  ['export PS4="+{{ v }} "; set -x; :', expanded],
  ['mapfile -t x </dev/null; declare x={{ v }}', list],
  ['read -a x <<< "a b"; declare x={{ v }}', list],
  ['x[0]=1; declare x={{ v }}', list],
  ['echo "$\\\n({{ v }})"', 'touch pwned'],
]

describe.each(rows)('%s', (body, value) => {
  test.each(['sh', 'bash'])('is refused in a script for %s', (dialect) => {
    const rendered = renderScript(`#!/bin/${dialect}\n${body}\n`, 'linux', { v: 'String' })
    expect(rendered).toHaveProperty('problem.line')
  })

  test('is run by bash where a reference stands in its place', async () => {
    const cwd = await makeFolder()
    const isQuoted = /"[^"]*\{\{ v \}\}[^"]*"/.test(body)
    const text = body.replaceAll('{{ v }}', isQuoted ? '${V}' : '"${V}"')
    spawnSync('/bin/bash', ['-c', text], { cwd, input: '', env: { PATH: process.env['PATH'] ?? '', V: value } })
    expect(existsSync(join(cwd, 'pwned'))).toBe(true)
  })
})

test.each([
  ['for i in {1..{{ n }}}; do echo $i; done', 'seq'],
  ['echo {{{ n }}..9}', 'seq'],
  ['echo {0..9..{{ n }}}', 'seq'],
])('%s is refused: bash would make no sequence of it', (body, word) => {
  const rendered = renderScript(`#!/bin/bash\n${body}\n`, 'linux', { n: 'Number' })
  expect(rendered).toMatchObject({ problem: { line: 2, message: expect.stringContaining(word) } })
})

test.each(['env', 'sudo -u app', 'timeout 5', 'nohup', 'xargs -I%'])('%s sh -c is warned of', (start) => {
  const rendered = renderScript(`#!/bin/bash\n${start} sh -e -c "echo {{ v }}"\n`, 'linux', { v: 'String' })
  expect(rendered).toMatchObject({
    warnings: [{ line: 2, message: expect.stringContaining('reads its text as code') }],
  })
})

test('a short script that could be read in many ways is refused instead of read in all of them', () => {
  const depth = 23
  const text = `#!/bin/bash\necho ${'$((echo '.repeat(depth)}{{ v }}${') )'.repeat(depth)}\n`
  expect(renderScript(text, 'linux', { v: 'String' })).toHaveProperty(
    'problem.message',
    expect.stringContaining('two ways'),
  )
})

test('a few of them are read', () => {
  const rendered = renderScript('#!/bin/bash\necho $((echo $((echo {{ v }}) )) )\n', 'linux', { v: 'String' })
  expect(rendered).toHaveProperty('text', expect.stringContaining('$((echo $((echo "${CHANDLER_PARAM_v}") )) )'))
})

test.each([
  ['!(ls {{ v }}) || ls'],
  ['x=a[b]; [ "$x" = {{ v }} ] && echo ok'],
  ['case x in Version[ :]*) echo {{ v }} ;; esac'],
  ['for i in a b; do echo {{ v }}; done; for j do echo {{ v }}; done'],
  ['printf "%s\\n" "-v{{ v }}"'],
  ['read -r line < /dev/null; x={{ v }}'],
  ['echo "${x}..{{ v }}" ../{{ v }}/.. a{{ v }}..b'],
  ['echo "{1..{{ v }}}"'],
])('%s is none of these', (body) => {
  expect(renderScript(`#!/bin/bash\n${body}\n`, 'linux', { v: 'String' })).toHaveProperty('references')
})
