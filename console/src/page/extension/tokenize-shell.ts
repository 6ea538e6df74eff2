/** Token kinds, for colours. */
export interface ShellToken {
  readonly kind: 'comment' | 'text' | 'variable' | 'placeholder' | 'keyword' | 'plain'
  readonly text: string
}

const keywords = new Set(
  'if then else elif fi for in while until do done case esac function return exit break continue local export set trap'.split(
    ' ',
  ),
)

// Each alternative matches in one way only, so that tokenizing takes linear time.
const pattern =
  /(?<comment>(?<![^\s;])#[^\n]*)|(?<placeholder>\{\{[ \t]*[\w:.-]+[ \t]*\}\})|(?<text>'[^']*'|"(?:[^"\\]|\\[^])*")|(?<variable>\$(?:\{[^}\n]*\}|\w+|[?$!#@*-]))|(?<word>[A-Za-z_][\w-]*)/g

/**
 * Approximation for display only: the shell, not this tokenizer, runs the script. The tokens
 * concatenate to the text.
 */
export function tokenizeShell(text: string): ShellToken[] {
  const tokens: ShellToken[] = []
  let at = 0
  const push = (kind: ShellToken['kind'], piece: string) => {
    if (piece === '') return
    const last = tokens.at(-1)
    if (kind === 'plain' && last?.kind === 'plain') tokens[tokens.length - 1] = { kind, text: last.text + piece }
    else tokens.push({ kind, text: piece })
  }
  for (const match of text.matchAll(pattern)) {
    push('plain', text.slice(at, match.index))
    at = match.index + match[0].length
    push(kindOf(match.groups ?? {}), match[0])
  }
  push('plain', text.slice(at))
  return tokens
}

/** Tokens by line; quoted text may span lines. A trailing newline adds no empty line. */
export function splitTokens(tokens: readonly ShellToken[]): ShellToken[][] {
  const lines: ShellToken[][] = [[]]
  for (const { kind, text } of tokens) {
    const [first = '', ...others] = text.split('\n')
    if (first !== '') lines.at(-1)?.push({ kind, text: first })
    for (const other of others) lines.push(other === '' ? [] : [{ kind, text: other }])
  }
  return lines.length > 1 && lines.at(-1)?.length === 0 ? lines.slice(0, -1) : lines
}

function kindOf({
  comment,
  placeholder,
  text,
  variable,
  word,
}: Readonly<Record<string, string | undefined>>): ShellToken['kind'] {
  if (comment !== undefined) return 'comment'
  if (placeholder !== undefined) return 'placeholder'
  if (text !== undefined) return 'text'
  if (variable !== undefined) return 'variable'
  return word !== undefined && keywords.has(word) ? 'keyword' : 'plain'
}
