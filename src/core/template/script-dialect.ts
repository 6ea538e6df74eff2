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
  const first = text.slice(0, 255).split('\n', 1)[0] ?? ''
  if (!first.startsWith('#!')) {
    if (os === 'linux') return { dialect: 'sh' }
    return /^\s*(?:@echo\b|@?rem\b|::)/i.test(text) ? { interpreter: 'a batch file' } : { dialect: 'powershell' }
  }
  const words = first
    .slice(2)
    .trim()
    .split(/[ \t]+/)
  const name = baseNameOf(words[0] ?? '')
  const program = name === 'env' ? findProgramOfEnv(words.slice(1)) : name
  const dialect = Object.hasOwn(dialects, program) ? dialects[program] : undefined
  return dialect ? { dialect } : { interpreter: program }
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
