import type { OsFamily } from '../instance/facts.ts'

/**
 * Languages in which a placeholder can be rewritten to a reference. `sh` may be dash, busybox or
 * bash, so it is their common subset.
 */
export type ScriptDialect = 'sh' | 'bash' | 'powershell'

const dialects: Readonly<Record<string, ScriptDialect>> = {
  sh: 'sh',
  dash: 'sh',
  ash: 'sh',
  bash: 'bash',
  pwsh: 'powershell',
  powershell: 'powershell',
}

/**
 * Determines from its first line what runs a script: a dialect, or the name of a program that does
 * not support placeholders.
 */
export function findScriptDialect(
  text: string,
  os: OsFamily,
): { readonly dialect: ScriptDialect } | { readonly interpreter: string } {
  const first = firstLineOf(text)
  if (!first.startsWith('#!')) {
    if (os === 'linux') return { dialect: 'sh' }
    return isBatch(text) ? { interpreter: batchFile } : { dialect: 'powershell' }
  }
  const program = findProgram(first)
  if (program === 'cmd') return { interpreter: batchFile }
  const dialect = Object.hasOwn(dialects, program) ? dialects[program] : undefined
  return dialect ? { dialect } : { interpreter: program }
}

/** The name of cmd's scripts in messages. */
export const batchFile = 'a batch file'

const firstLineOf = (text: string) =>
  text
    .replace(/^\uFEFF/, '')
    .slice(0, 255)
    .split('\n', 1)[0] ?? ''

/**
 * Whether a script for Windows without `#!` is a batch file: its first words are none of PowerShell.
 * The command line writes `#!cmd` before a batch file that begins otherwise.
 */
const isBatch = (text: string) =>
  /^\s*(?:@[a-z]|::|(?:rem|setlocal|goto|echo (?:on|off)|set \/[ap])\b)/i.test(text.replace(/^\uFEFF/, ''))

/** What runs a script on Windows: `powershell` is Windows PowerShell 5.1, `pwsh` PowerShell 7. */
export type WindowsInterpreter = 'cmd' | 'powershell' | 'pwsh'

/** `other`: a program in its first line that Windows does not run scripts with. */
export function findWindowsInterpreter(text: string): WindowsInterpreter | { readonly other: string } {
  const first = firstLineOf(text)
  if (!first.startsWith('#!')) {
    if (isBatch(text)) return 'cmd'
    return /^[ \t]*#requires[ \t]+(?:-PSEdition[ \t]+Core|-Version[ \t]+[6-9])\b/im.test(text) ? 'pwsh' : 'powershell'
  }
  const program = findProgram(first)
  return program === 'cmd' || program === 'powershell' || program === 'pwsh' ? program : { other: program }
}

/** The language of a script for Windows by the ending of its file; undefined: its text decides. */
export function findWindowsLanguage(fileName: string): 'cmd' | 'powershell' | undefined {
  if (/\.(?:bat|cmd)$/i.test(fileName)) return 'cmd'
  return /\.ps1$/i.test(fileName) ? 'powershell' : undefined
}

/**
 * The text of a script whose language is known otherwise (the ending of its file, the type of a command): with a first line
 * `#!cmd` or `#!powershell` where the text alone would be taken for the other one.
 */
export function nameWindowsInterpreter(
  text: string,
  language: 'cmd' | 'powershell',
): { readonly text: string; readonly addedLines: 0 | 1 } {
  const found = findWindowsInterpreter(text)
  if ((found === 'cmd') === (language === 'cmd')) return { text, addedLines: 0 }
  return { text: `#!${language}\n${text.replace(/^\uFEFF/, '')}`, addedLines: 1 }
}

function findProgram(firstLine: string): string {
  const words = firstLine
    .slice(2)
    .trim()
    .split(/[ \t]+/)
  const name = baseNameOf(words[0] ?? '')
  return name === 'env' ? findProgramOfEnv(words.slice(1)) : name
}

/**
 * `env -S bash -e` runs bash. With other options (`-i` removes every variable) the environment of
 * the script is unknown.
 */
function findProgramOfEnv(words: readonly string[]): string {
  const rest = words[0] === '-S' ? words.slice(1) : words
  const program = rest.find((word) => !word.includes('='))
  return program === undefined || program.startsWith('-') ? 'env with options' : baseNameOf(program)
}

const baseNameOf = (path: string) => (path.split(/[/\\]/).at(-1) ?? '').toLowerCase().replace(/\.exe$/, '')
