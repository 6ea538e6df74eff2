// Positions where a quoted value is still code: each is refused. The control shows that the value
// does run there.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { renderScript } from '../../../src/core/template/render-script.ts'
import { makeFolder } from '../agent/agent-engine.ts'

const calculated = 'a[$(touch pwned)]'
const expanded = '$(touch pwned)'
const list = '($(touch pwned))'

/** The text in the script, and the value. */
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
  // Commands that interpret their arguments or input as code.
  ['eval "echo {{ v }}"', expanded],
  ['command eval "echo {{ v }}"', expanded],
  ['e=eval; $e "echo {{ v }}"', expanded],
  ['trap "echo {{ v }}" EXIT', expanded],
  ['sh -c "echo {{ v }}"', expanded],
  ['nohup env sh -ec "echo {{ v }}" > out', expanded],
  ['find . -maxdepth 0 -exec sh -c "echo {{ v }}" \\;', expanded],
  ['echo | xargs sh -c "echo {{ v }}"', expanded],
  ['echo "{{ v }}" | xargs -I% sh -c "echo %"', expanded],
  ['echo {{ v }} | sh', 'touch pwned'],
  ['echo {{ v }} | cat | sh -s', 'touch pwned'],
  ['echo {{ v }} |\nbash', 'touch pwned'],
  ['sh <<EOF\n{{ v }}\nEOF', 'touch pwned'],
  ['cat <<EOF | sh\n{{ v }}\nEOF', 'touch pwned'],
  ['bash <<< {{ v }}', 'touch pwned'],
  ['bash <(echo {{ v }})', 'touch pwned'],
  ['. <(echo {{ v }})', 'touch pwned'],
  ['source /dev/stdin <<< {{ v }}', 'touch pwned'],
  ['perl -e "print {{ v }}"', '`touch pwned`'],
  ['awk "BEGIN { x = \\"{{ v }}\\" }"', '"; system("touch pwned"); "'],
  ['echo x | sed "s/x/{{ v }}/"', 'touch pwned/e;s/a/b'],
  ['BASH_ENV={{ v }} bash -c :', expanded],
  ['alias now="{{ v }}"; shopt -s expand_aliases\nnow', 'touch pwned'],
  // Positions where the shell evaluates arithmetic.
  ['echo "$(( {{ v }} ))"', calculated],
  ['let "x={{ v }}"', calculated],
  ['x=1; echo "${x:{{ v }}}"', calculated],
  ['[[ {{ v }} -eq 5 ]]', calculated],
  ['[[ -v {{ v }} ]]', calculated],
  ['declare -i i={{ v }}', calculated],
  ['f() { i={{ v }}; }; declare -i i; f', calculated],
  ['RANDOM={{ v }}', calculated],
  ['unset {{ v }}; read -r {{ v }} <<< x', calculated],
  ['f() { local -a x; local x={{ v }}; }; f', list],
]

describe.each(rows)('%s', (body, value) => {
  test.each(['sh', 'bash'])('is refused in a script for %s', (dialect) => {
    const rendered = renderScript(`#!/bin/${dialect}\n${body}\n`, 'linux', { v: 'String' })
    expect(rendered).toHaveProperty('problem.line')
  })

  test('bash runs it if a reference replaces the value', async () => {
    const cwd = await makeFolder()
    const isQuoted = /"[^"]*\{\{ v \}\}[^"]*"|<<EOF/.test(body)
    const text = body.replaceAll('{{ v }}', isQuoted ? '${V}' : '"${V}"')
    // Not a pipe of Node.js, which is a socket: bash takes that for a remote shell, and may then
    // ignore BASH_ENV.
    const stdio = ['ignore', 'pipe', 'pipe'] as const
    const env = { PATH: process.env['PATH'] ?? '', V: value }
    spawnSync('/bin/bash', ['-c', text], { cwd, stdio: [...stdio], env })
    expect(existsSync(join(cwd, 'pwned'))).toBe(true)
  })
})

/**
 * Refused although a reference would be possible there: it would need more than a small grammar.
 */
test.each([
  ["printf %s '{{ v }}'", 'in single quotes; use $CHANDLER_PARAM_v'],
  ["printf %s $'{{ v }}'", "in $'…'"],
  ["cat <<'EOF'\n{{ v }}\nEOF", 'in a here-document with a quoted delimiter; remove the quotes'],
  ['printf %s `cat {{ v }}`', 'in backquotes'],
  ['printf %s "${x:-{{ v }}}"', 'in ${ }'],
  ['[[ {{ v }} == x ]]', 'in [[ ]]; compare with [ ]'],
  ['a=( x {{ v }} )', 'in an array'],
  ['a[0]={{ v }}', 'behind a [ in the same word'],
  ['echo {1..{{ v }}}', 'behind a { in the same word'],
  ['echo ~{{ v }}', 'behind a ~ in the same word'],
  ['for i in {{ v }}; do :; done', 'in for'],
  ['{{ v }} start', 'where the name of a command is'],
  ['sudo {{ v }}', 'where the name of a command is'],
  ['[ {{ v }} ] && [ {{ v }} {{ v }} ]', 'in [, where it could be an operator'],
  ['printf {{ v }}', 'where the format or an option of printf is'],
  ['"$tool" {{ v }}', 'behind a command whose name is a variable'],
  ['echo "$(case x in x) echo;; esac)" {{ v }}', 'a case in parentheses'],
  ['echo "${x:-"y"}" {{ v }}', 'an expansion with quotes in quotes'],
  ['cat <<EOF\nx\\\nEOF\necho {{ v }}', 'a backslash at the end of a here-document'],
  ['cat <<EOF\n{{ v }}\n', 'no line "EOF"'],
  ['echo "{{ v }}', 'this quote does not end'],
])('%j is refused with its reason', (body, reason) => {
  for (const dialect of ['sh', 'bash']) {
    const rendered = renderScript(`#!/bin/${dialect}\n${body}\n`, 'linux', { v: 'String' })
    expect(rendered).toMatchObject({ problem: { message: expect.stringContaining(reason) } })
  }
})

test('a Number is not code, and may be an argument of any command', () => {
  const body = 'sed -i "s/PORT/{{ n }}/" file; sh -c "exit {{ n }}"; for i in {{ n }}; do echo {{ n }} | sh; done'
  expect(renderScript(`#!/bin/sh\n${body}\n`, 'linux', { n: 'Number' })).toHaveProperty('references.length', 4)
  expect(renderScript(`#!/bin/sh\n${body}\n`, 'linux', { n: 'String' })).toHaveProperty('problem.line', 2)
})

test('excessive depth or length costs no time', () => {
  const started = process.cpuUsage()
  for (const piece of ['$(', '"$(', '((', '${x:-', '{{ v }} ', 'a[', '<<EOF ', '`', 'x=(', 'declare -', 'sh {{ n }} '])
    renderScript(`#!/bin/bash\n${piece.repeat(15_000)}{{ v }}\n`, 'linux', { v: 'String', n: 'Number' })
  expect(process.cpuUsage(started).user / 1_000).toBeLessThan(2_000)
})

test.each([
  ['!(ls {{ v }}) || ls'],
  ['x=a[b]; [ "$x" = {{ v }} ] && echo ok'],
  ['case x in Version[ :]*) echo {{ v }} ;; esac'],
  ['for i in a b; do echo {{ v }}; done; for j; do echo {{ v }}; done'],
  ['printf "%s\\n" "-v{{ v }}"'],
  ['read -r line < /dev/null; x={{ v }}'],
  ['x=(1 2); x[3]=4; export y={{ v }}; readonly u={{ v }}; z="{{ v }}"'],
  ['echo "${x}..{{ v }}" ../{{ v }}/.. a{{ v }}..b'],
  ['echo "{1..{{ v }}}"'],
  ['sudo -u app tool --name {{ v }}; timeout 5 curl "http://{{ v }}/"; bash -e ./setup.sh {{ v }}'],
  ['/opt/demo/bin/demo --name {{ v }} < /dev/null > "{{ v }}.log" 2>&1 &'],
  ['systemctl enable {{ v }} && systemctl restart "{{ v }}.service" || exit 4'],
])('%s is not one of these', (body) => {
  expect(renderScript(`#!/bin/bash\n${body}\n`, 'linux', { v: 'String' })).toHaveProperty('references')
})
