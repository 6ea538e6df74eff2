import type { Placeholder, ScriptNames } from './placeholder.ts'
import { scanCommands } from './shell-commands.ts'
import { scanBackquotes, scanDollar } from './shell-expansion.ts'
import { createShell, type ShellScript } from './shell-state.ts'
import { TemplateFault } from './template-fault.ts'

/**
 * Placeholders of a script for sh or bash, each written for the quotes it stands in:
 *
 *   echo {{ x }}        "${V}"          one word, whatever is in it: no splitting, no pattern
 *   "a{{ x }}"          ${V}            also in the body of a here-document
 *   'a{{ x }}'          '"${V}"'        closed, quoted, opened again; so is $'…' of bash
 *   <<'EOF'             ${V}            the delimiter loses its quotes, the rest of the body gets backslashes
 *   $(( {{ x }} ))      (${V})          and all else that the shell calculates: numbers only, as a text would be run there
 *   # {{ x }}           left alone
 *
 * It is a lexer, not a parser: it knows where words, quotes, substitutions, here-documents and comments begin and end (POSIX.1-2024, chapter
 * 2, and the manual of bash). Where shells disagree or it cannot be sure, it refuses with the place. One pass, but for what
 * `((` and here-documents take twice.
 * @throws TemplateFault
 */
export function renderShellEdits(
  text: string,
  dialect: 'sh' | 'bash',
  names: ScriptNames,
  placeholders: readonly Placeholder[],
): Pick<ShellScript, 'edits' | 'warnings' | 'met'> {
  const lastPlaceholder = placeholders.at(-1)?.start ?? -1
  const script: ShellScript = {
    dialect,
    grammar: { scanCommands, scanDollar, scanBackquotes },
    names,
    edits: [],
    warnings: [],
    met: new Set(),
    lastPlaceholder,
    calculated: new Set(calculatedByBash),
    assigned: new Map(),
    depth: 0,
    rescanned: 0,
  }
  const shell = createShell(script, text, (index) => index, false)
  scanCommands(shell, 'end')
  for (const [name, edit] of script.assigned) {
    if (script.calculated.has(name))
      throw new TemplateFault(
        edit.start,
        `it is given to ${name}, which the shell calculates with, expands, or takes for a list or a name, and so would make code of a text; only a parameter of type Number can be`,
      )
  }
  return script
}

/** These calculate with what they are given; PS4 is expanded at each line that `set -x` shows. */
const calculatedByBash = [
  'RANDOM',
  'SRANDOM',
  'SECONDS',
  'LINENO',
  'HISTCMD',
  'OPTIND',
  'EPOCHSECONDS',
  'BASHPID',
  'PS4',
]
