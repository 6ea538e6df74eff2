// Rendered scripts, run by the real shells: the value arrives byte for byte, and no part of it is
// ever run.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ParameterType } from '../../../src/core/extension/extension.ts'
import { renderScript } from '../../../src/core/template/render-script.ts'
import { makeFolder } from '../agent/agent-engine.ts'
import { hostileValues } from './hostile-values.ts'

type Dialect = 'sh' | 'bash'
const shells: readonly Dialect[] = ['sh', 'bash']
/** `sh` may be any shell; the smallest one is dash. */
const programOf = { sh: existsSync('/bin/dash') ? '/bin/dash' : '/bin/sh', bash: '/bin/bash' } as const
const value = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...hostileValues) },
  fc.array(fc.constantFrom(...hostileValues), { minLength: 2, maxLength: 4 }).map((parts) => parts.join('')),
  fc.string({ unit: fc.constantFrom(...`'"$\`\\(){}[]<>|&;#*?~!=- \n\tEOFxv`), maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.replaceAll('\0', '')),
)

/** A word of a script, and its value for the shell, given the values of its placeholders. */
interface Piece {
  readonly text: string
  readonly means: (v: string) => string
}

const placeholder: Piece = { text: '{{ v }}', means: (v) => v }
const spelled = fc.constantFrom('{{v}}', '{{ V }}', '{{\tv\n}}')
/** Literal text in every position. */
const filler = fc.constantFrom('', 'a', 'x.y', '-', '/tmp/', ':', '%')
const bareEnd = fc.constantFrom('', 'a', '/x.y', '-', ':', '%', '}', ']')
/** In double quotes, in single quotes. */
const quotedFiller = fc.constantFrom(
  '',
  ' ',
  "it's ",
  '(',
  ')) ',
  '# ',
  '; ',
  '<<EOF ',
  ' esac ',
  '\n',
  '{{ other }}',
  '*',
)

function wordOf(): { word: fc.Arbitrary<Piece>; inside: fc.Arbitrary<Piece> } {
  const { word, inside } = fc.letrec<{ word: Piece; inside: Piece }>((tie) => ({
    // A whole word.
    word: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      spelled.map((text) => ({ ...placeholder, text })),
      fc.tuple(filler, bareEnd).map(([a, b]) => around(placeholder, a, b)),
      fc.constantFrom(`'it"s $x'`, '"$HOME"', "a\\'b", '$((1+2))').map((before) => behind(before)),
      tie('inside').map((piece) => around(piece, '"', '"', true)),
      fc.tuple(tie('word'), filler, tie('word')).map(([a, between, b]) => join3(a, between, b)),
    ),
    // Part of a double-quoted string.
    inside: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.tuple(quotedFiller, spelled, quotedFiller).map(([a, text, b]) => around({ ...placeholder, text }, a, b)),
      tie('word').map(substitution),
      tie('word').map(commented),
      tie('word').map(hereInSubstitution),
      fc.tuple(tie('inside'), quotedFiller, tie('inside')).map(([a, between, b]) => join3(a, between, b)),
    ),
  }))
  return { word, inside }
}

/** A placeholder after other parts of the same word. */
function behind(before: string): Piece {
  const plain = { '"$HOME"': '/', "a\\'b": "a'b", '$((1+2))': '3' }[before] ?? 'it"s $x'
  return { text: `${before}{{ v }}`, means: (v) => plain + v }
}

/** @param isOnlyText whether the surrounding text is syntax without a meaning */
function around(piece: Piece, before: string, behind: string, isOnlyText = false): Piece {
  return {
    text: before + piece.text + behind,
    means: isOnlyText ? piece.means : (v) => before + piece.means(v) + behind,
  }
}
const join3 = (a: Piece, between: string, b: Piece): Piece => ({
  text: a.text + between + b.text,
  means: (v) => a.means(v) + between + b.means(v),
})
// The dot preserves line ends that a substitution would strip.
const substitution = ({ text, means }: Piece): Piece => ({
  text: `$(printf '%s.' ${text}) `.trimEnd(),
  means: (v) => `${means(v)}.`,
})
const commented = ({ text, means }: Piece): Piece => ({
  text: `$(printf '%s.' ${text} # it's ) and {{ v }}\n)`,
  means: (v) => `${means(v)}.`,
})
const hereInSubstitution = ({ text, means }: Piece): Piece => ({
  text: `$(cat <<EOF\nit's \\$x "{{ v }}"\nEOF\nprintf '%s.' ${text})`,
  means: (v) => `it's $x "${v}"\n${means(v)}.`,
})

/** A command, and its expected output. */
function commandOf(dialect: Dialect): fc.Arbitrary<Piece> {
  const { word, inside } = wordOf()
  const line = (text: string, means: Piece['means']): Piece => ({ text, means })
  const print = (piece: Piece): Piece => line(`printf %s ${piece.text}`, piece.means)
  const simple = fc.oneof(
    word.map(print),
    fc
      .tuple(word, word)
      .map(([a, b]) => line(`printf '%s|%s' ${a.text} ${b.text}`, (v) => `${a.means(v)}|${b.means(v)}`)),
    word.map((a) => line(`x=${a.text}; printf %s "$x"`, a.means)),
    word.map((a) => line(`export y=${a.text} && printf %s "$y"`, a.means)),
    word.map((a) => line(`f() { printf %s ${a.text}; }\nf`, a.means)),
    word.map((a) => line(`( printf %s ${a.text} ) | cat`, a.means)),
    word.map((a) => line(`if [ ${a.text} = ${a.text} ]; then printf same; else printf differs; fi`, () => 'same')),
    word.map((a) =>
      line(
        `case ${a.text} in\n  (none) ;;\n  "$CHANDLER_PARAM_v"*) printf %s ${a.text} ;;\n  *) printf %s ${a.text}\nesac`,
        a.means,
      ),
    ),
    word.map((a) =>
      line(
        `cat > file <<EOF && cat file\n${'{{ v }} "\'( $HOME_ \\$x \\\\'}\nEOF\nprintf %s ${a.text}`,
        (v) => `${v} "'(  $x \\\n${a.means(v)}`,
      ),
    ),
    inside.map((a) => line(`y="${a.text}" && printf %s "$y"`, a.means)),
    fc.constant(line(`cat <<-EOF # it's {{ v }}\n\t\t{{ v }}\n\tEOF\n`, (v) => `${v}\n`)),
    fc.constant(line(`cat <<A; cat <<'B'\n{{ v }}\nA\n{{ w }}\nB\n`, (v) => `${v}\n{{ w }}\n`)),
    fc.constant(line(`# don't {{ v }} "\nprintf %s {{ v }} # and $( {{ v }}`, (v) => v)),
    fc.constant(line(`i=$(( 1 << 2 )); sh -c "printf %s {{ n }}" # {{ v }}`, () => '-7')),
  )
  const inBash = fc.oneof(
    word.map((a) => line(`[[ -n $HOME && $HOME =~ ^(/|b)$ ]] && printf %s ${a.text}`, a.means)),
    word.map((a) => line(`(( 1 < 2 )) && [[ a < b ]] && printf %s ${a.text}`, a.means)),
    word.map((a) => line(`cat <<< ${a.text}`, (v) => `${a.means(v)}\n`)),
    word.map((a) => line(`cat <(printf %s ${a.text})`, a.means)),
    word.map((a) => line(`f() { z=${a.text}; printf %s "$z"; }; (( 1 < 2 )) && f`, a.means)),
  )
  return dialect === 'bash' ? fc.oneof(simple, inBash) : simple
}

const types: Record<string, ParameterType> = { v: 'String', n: 'Number' }

async function run(dialect: Dialect, script: string, v: string) {
  const directory = await makeFolder()
  const rendered = renderScript(script, 'linux', types)
  if ('problem' in rendered) return { problem: rendered.problem, text: '' }
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: '',
    LANG: 'C.UTF-8',
    CHANDLER_PARAM_v: v,
    CHANDLER_PARAM_n: '-7',
  }
  env.HOME = ''
  const ended = spawnSync(programOf[dialect], ['-c', rendered.text], { cwd: directory, env: { ...env, HOME: '/' } })
  return {
    text: rendered.text,
    stdout: ended.stdout.toString(),
    stderr: ended.stderr.toString(),
    pwned: existsSync(join(directory, 'pwned')),
  }
}

describe.each(shells)('%s', (dialect) => {
  test('any value in any context arrives and is not run', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(commandOf(dialect), { minLength: 1, maxLength: 12 }), value, async (commands, v) => {
        const script = `#!/bin/${dialect}\n${commands.map(({ text }) => `${text}\nprintf '\\0'\n`).join('')}`
        const ran = await run(dialect, script, v)
        expect(ran).toMatchObject({
          stdout: commands.map(({ means }) => `${means(v)}\0`).join(''),
          stderr: '',
          pwned: false,
        })
      }),
      { numRuns: 200 },
    )
  })
})

/** Every accepted position; every value must arrive in it. */
const accepted: readonly string[] = [
  'printf %s {{ v }}',
  'printf %s "{{v}}"',
  'printf %s ""{{ V }}',
  'x={{ v }}; printf %s "$x"',
  'x="{{ v }}" && printf %s "$x"',
  'export y={{ v }}; printf %s "$y"',
  'readonly z={{ v }}; printf %s "$z"',
  'f() { local l={{ v }}; printf %s "$l"; }; f',
  'f() { printf %s "$1"; }; f {{ v }}',
  'x={{ v }} sh -c \'printf %s "$x"\'',
  'cat <<EOF > file; printf %s "$(cat file; printf .)" | sed \'$s/.$//\' > out; head -c -1 out\n{{ v }}\nEOF',
  'if [ {{ v }} = "$CHANDLER_PARAM_v" ]; then printf %s {{ v }}; fi',
  'if [ -n x ] && ! [ "$CHANDLER_PARAM_v" != {{ v }} ]; then printf %s {{ v }}; fi',
  'case {{ v }} in "$CHANDLER_PARAM_v") printf %s {{ v }} ;; esac',
  'printf %s "$(printf %s {{ v }}; printf .)" > file; head -c -1 file',
  'printf %s {{ v }} | cat',
  '( printf %s {{ v }} )',
  '{ printf %s {{ v }}; } > file; cat file',
  'nohup printf %s {{ v }} 2> log',
  'env -u NOTHING printf %s {{ v }}',
  'printf x > file{{ n }}; printf %s {{ v }}; rm file-7',
  'printf %s {{ v }} # it\'s {{ v }} "',
  'sh ./echo.sh {{ v }}',
  'test {{ v }} != "$CHANDLER_PARAM_v" || printf %s {{ v }}',
]

test.each(shells)('%s: every value arrives in every accepted position', async (dialect) => {
  const directory = await makeFolder()
  const lines = accepted.map((text) => `(\n${text}\n)\nprintf '\\0'`).join('\n')
  const script = `#!/bin/${dialect}\nprintf 'printf %%s "$1"' > echo.sh\n${lines}\n`
  const rendered = renderScript(script, 'linux', types)
  expect(rendered).not.toHaveProperty('problem')
  const text = 'text' in rendered ? rendered.text : ''
  for (const v of hostileValues) {
    const env = { PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8', CHANDLER_PARAM_v: v, CHANDLER_PARAM_n: '-7' }
    const { stdout } = spawnSync(programOf[dialect], ['-c', text], { cwd: directory, env })
    const printed = stdout.toString().split('\0')
    expect(Object.fromEntries(accepted.map((place, index) => [place, printed[index]])), v).toEqual(
      Object.fromEntries(accepted.map((place) => [place, v])),
    )
    expect(existsSync(join(directory, 'pwned'))).toBe(false)
  }
})
