// Rendered scripts, run by the real shells: what a placeholder stands for arrives byte for byte, and nothing of it is ever run.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ParameterType } from '../../../src/core/extension/extension.ts'
import { renderScript } from '../../../src/core/template/render-script.ts'
import { makeFolder } from '../agent/agent-engine.ts'

type Dialect = 'sh' | 'bash'
const shells: readonly Dialect[] = ['sh', 'bash']
/** `sh` may be any shell; the smallest one is dash. */
const programOf = { sh: existsSync('/bin/dash') ? '/bin/dash' : '/bin/sh', bash: '/bin/bash' } as const

const hostile = [
  '',
  ' ',
  'plain',
  "it's",
  '"',
  "'; touch pwned; '",
  '"; touch pwned; "',
  '$(touch pwned)',
  '`touch pwned`',
  '${IFS}$(touch${IFS}pwned)',
  '\\',
  '\\\\',
  '\\$(touch pwned)',
  'a\\',
  '\n',
  'two\nlines\n\n',
  '\nEOF\ntouch pwned\n',
  'EOF',
  '\tEOF\n',
  ') touch pwned;;',
  '}; touch pwned; {',
  '}',
  ')); touch pwned; ((',
  ']]; touch pwned; [[',
  '*',
  '[a-z]?',
  '~',
  '-n',
  '-v',
  '--',
  '!',
  '#',
  '& touch pwned &',
  '> pwned',
  'a[$(touch pwned)]',
  '{{ v }}',
  '{a,b}',
  '{{',
  'Łódź 汉字 🚢 \u0081\u0088',
  '\r\n',
  '\t a  b \t',
  '%s%n',
  '\u0001\u007f',
]
const value = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...hostile) },
  fc.array(fc.constantFrom(...hostile), { minLength: 2, maxLength: 4 }).map((parts) => parts.join('')),
  fc.string({ unit: fc.constantFrom(...`'"$\`\\(){}[]<>|&;#*?~!=- \n\tEOFxv`), maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.replaceAll('\0', '')),
)

/** A word of a script, and what it must be for the shell, given the values of its placeholders. */
interface Piece {
  readonly text: string
  readonly means: (v: string) => string
}

const placeholder: Piece = { text: '{{ v }}', means: (v) => v }
const spelled = fc.constantFrom('{{v}}', '{{ V }}', '{{\tv\n}}')
/** Text that means itself wherever it stands. */
const filler = fc.constantFrom('', 'a', 'x.y', '-', '/tmp/', '{', ':', '{{.Names}}', '%')
/** And in double quotes, in single quotes. */
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
const singleFiller = fc.constantFrom('', ' ', '"', '$x ', '`', '\\', '(', '$(', '\n', '<<EOF', '#')

const escapeForBackquotes = (text: string) => text.replace(/[\\$`]/g, '\\$&')

function wordOf(dialect: Dialect): { word: fc.Arbitrary<Piece>; inside: fc.Arbitrary<Piece> } {
  const { word, inside } = fc.letrec<{ word: Piece; inside: Piece }>((tie) => ({
    // A whole word.
    word: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      spelled.map((text) => ({ ...placeholder, text })),
      fc.tuple(filler, filler).map(([a, b]) => around(placeholder, a, b)),
      fc.tuple(singleFiller, singleFiller).map(([a, b]) => around(around(placeholder, a, b), "'", "'", true)),
      ...(dialect === 'bash' ? [fc.constantFrom('a\\n', "\\'", '\\\\', '\\x41').map((a) => dollarSingle(a))] : []),
      tie('inside').map((piece) => around(piece, '"', '"', true)),
      fc.tuple(tie('word'), filler, tie('word')).map(([a, between, b]) => join3(a, between, b)),
      spelled.map((text) => around({ ...placeholder, text }, '${unset:-', '}', true)),
      // In quotes, so that no brace ends it too soon.
      tie('inside').map((piece) => around(piece, '${HOME:+"', '"}', true)),
    ),
    // Something inside double quotes.
    inside: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.tuple(quotedFiller, spelled, quotedFiller).map(([a, text, b]) => around({ ...placeholder, text }, a, b)),
      tie('word').map(substitution),
      tie('word').map(backquotes),
      tie('word').map(caseInSubstitution),
      tie('word').map(hereInSubstitution),
      fc.constant(around(placeholder, '${unset:-', '}', true)),
      fc.constant(around(placeholder, '${unset:-"', '"}', true)),
      tie('word').map((piece) => around(substitution(piece), '${unset:-', '}', true)),
      fc.constant<Piece>({ text: '${CHANDLER_PARAM_v#{{ v }}}', means: () => '' }),
      fc.constant({ text: "${CHANDLER_PARAM_v%'{{ v }}'}", means: () => '' }),
      fc.tuple(tie('inside'), quotedFiller, tie('inside')).map(([a, between, b]) => join3(a, between, b)),
    ),
  }))
  return { word, inside }
}

/** @param isOnlyText whether what is put around is syntax, and means nothing */
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
const dollarSingle = (escape: string): Piece => ({
  text: `$'${escape}{{ v }}${escape}'`,
  means: (v) => {
    const plain = { 'a\\n': 'a\n', "\\'": "'", '\\\\': '\\', '\\x41': 'A' }[escape] ?? ''
    return plain + v + plain
  },
})
// The dot keeps line ends that a substitution would take away.
const substitution = ({ text, means }: Piece): Piece => ({
  text: `$(printf '%s.' ${text}) `.trimEnd(),
  means: (v) => `${means(v)}.`,
})
const backquotes = (piece: Piece): Piece =>
  // A here-document with a quoted delimiter is refused in backquotes.
  piece.text.includes("<<'EOF'")
    ? substitution(piece)
    : { text: `\`${escapeForBackquotes(`printf '%s.' ${piece.text}`)}\``, means: (v) => `${piece.means(v)}.` }
const caseInSubstitution = ({ text, means }: Piece): Piece => ({
  text: `$(case ${text} in ${text}) printf '%s.' ${text} ;; (*) echo other; esac # it's )\n)`,
  means: (v) => `${means(v)}.`,
})
const hereInSubstitution = ({ text, means }: Piece): Piece => ({
  text: `$(cat <<'EOF'\nit's $x \`y\` \\ "{{ v }}"\nEOF\nprintf '%s.' ${text})`,
  means: (v) => `it's $x \`y\` \\ "${v}"\n${means(v)}.`,
})

/** A command, and what it must print. */
function commandOf(dialect: Dialect): fc.Arbitrary<Piece> {
  const { word, inside } = wordOf(dialect)
  const line = (text: string, means: Piece['means']): Piece => ({ text, means })
  const print = (piece: Piece): Piece => line(`printf %s ${piece.text}`, piece.means)
  const simple = fc.oneof(
    word.map(print),
    fc
      .tuple(word, word)
      .map(([a, b]) => line(`printf '%s|%s' ${a.text} ${b.text}`, (v) => `${a.means(v)}|${b.means(v)}`)),
    word.map((a) => line(`x=${a.text}; printf %s "$x"`, a.means)),
    word.map((a) => line(`export y=${a.text} && printf %s "$y"`, a.means)),
    word.map((a) => line(`for i in ${a.text}; do printf %s "$i"; done`, a.means)),
    word.map((a) => line(`f() { printf %s ${a.text}; }\nf`, a.means)),
    word.map((a) => line(`( printf %s ${a.text} ) | cat`, a.means)),
    word.map((a) => line(`if [ ${a.text} = ${a.text} ]; then printf same; else printf differs; fi`, () => 'same')),
    word.map((a) =>
      line(`case ${a.text} in\n  (none) ;;\n  ${a.text}) printf same ;;\n  *) printf differs\nesac`, () => 'same'),
    ),
    word.map((a) =>
      line(
        `cat > file <<EOF && cat file\n${'{{ v }} "\'( $HOME_ \\$x \\\\'}\nEOF\nprintf %s ${a.text}`,
        (v) => `${v} "'(  $x \\\n${a.means(v)}`,
      ),
    ),
    inside.map((a) =>
      line(
        `cat <<EOF\n${a.text.includes('#{{') || a.text.includes('%') || a.text.includes(':-"') ? '{{ v }}' : '{{v}}.'}\nEOF`,
        (v) => (a.text.includes('#{{') || a.text.includes('%') || a.text.includes(':-"') ? `${v}\n` : `${v}.\n`),
      ),
    ),
    fc
      .constantFrom("'EOF'", '"EOF"', '\\EOF')
      .map((end) =>
        line(`cat <<${end}\n$(touch pwned) \\\n\\$ \`{{ v }}\` '\nEOF\n`, (v) => `$(touch pwned) \\\n\\$ \`${v}\` '\n`),
      ),
    fc.constant(line(`cat <<-'EOF' # it's {{ v }}\n\t\t{{ v }}\\\n\tEOF\n`, (v) => `${v}\\\n`)),
    fc.constant(line(`cat <<A; cat <<'B'\n{{ v }}\nA\n{{ v }}\nB\n`, (v) => `${v}\n${v}\n`)),
    fc.constant(line(`# don't {{ v }} "\nprintf %s {{ v }} # and $( {{ v }}`, (v) => v)),
    fc.constant(line(`printf '%s %s' $(( {{ n }} * -{{ n }} )) "$((1-{{n}}))"`, () => '-49 8')),
  )
  const inBash = fc.oneof(
    word.map((a) => line(`[[ ${a.text} == ${a.text} && ! ${a.text} != ${a.text} ]] && printf same`, () => 'same')),
    word.map((a) =>
      line(`list=( first ${a.text} # it's\n  last ); printf %s "\${list[1]}" "\${#list[@]}"`, (v) => `${a.means(v)}3`),
    ),
    word.map((a) => line(`cat <<< ${a.text}`, (v) => `${a.means(v)}\n`)),
    word.map((a) => line(`cat <(printf %s ${a.text})`, a.means)),
    word.map((a) => line(`f() { local z=${a.text}; printf %s "$z"; }; f`, a.means)),
    fc.constant(
      line(
        `k=(0 1 2 3 4 5 6 7 8 9 10); ((k[1] = 5 - {{ n }})); printf %s "\${k[8+{{ n }}]}$((k[1]))\${HOME:0:0+7+{{n}}}"`,
        () => '1212',
      ),
    ),
    fc.constant(line(`[[ {{ n }} -lt 0 ]] && let "m={{ n }}*2" && printf %s "$m"`, () => '-14')),
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
  test('whatever a value holds, and whatever is around it, it arrives and is not run', async () => {
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
