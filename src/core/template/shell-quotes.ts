import { assertNoPlaceholderAt, fault, type Shell, takeEscape, takePlaceholder } from './shell-state.ts'

/** From a `"` past the one that closes it. */
export function scanDouble(shell: Shell): void {
  const start = shell.at++
  for (;;) {
    if (takePlaceholder(shell, 'double')) continue
    switch (shell.text[shell.at]) {
      case undefined:
        throw fault(shell, start, 'the double quote is not closed')
      case '"':
        shell.at++
        return
      case '\\':
        takeEscape(shell)
        break
      case '$':
        shell.script.grammar.scanDollar(shell, 'double')
        break
      case '`':
        shell.script.grammar.scanBackquotes(shell, 'double')
        break
      default:
        shell.at++
    }
  }
}

/** From a `'` past the one that closes it: nothing else means anything in between. */
export function scanSingle(shell: Shell): void {
  const start = shell.at++
  for (;;) {
    if (takePlaceholder(shell, 'single')) continue
    const character = shell.text[shell.at++]
    if (character === undefined) throw fault(shell, start, 'the single quote is not closed')
    if (character === "'") return
  }
}

/** `$'…'` of bash, with escapes. For other shells it is a dollar sign and single quotes, so `sh` has it only where both end alike. */
export function scanDollarSingle(shell: Shell): void {
  const { text, script } = shell
  const start = shell.at
  const isBash = script.dialect === 'bash'
  shell.at += 2
  for (;;) {
    if (shell.placeholders.has(shell.at) && !isBash)
      throw fault(
        shell,
        shell.at,
        "it stands in $'…', which is read differently by different shells; begin with #!/bin/bash",
      )
    if (takePlaceholder(shell, 'dollarSingle')) continue
    const character = text[shell.at++]
    if (character === undefined) throw fault(shell, start, "$' is not closed")
    if (character === "'") return
    if (character !== '\\') continue
    if (!isBash && text[shell.at] === "'")
      throw fault(shell, start, "\\' in $'…' is read differently by different shells; begin with #!/bin/bash")
    assertNoPlaceholderAt(shell, shell.at, 'a backslash')
    if (text[shell.at] === 'c') assertNoPlaceholderAt(shell, shell.at + 1, '\\c')
    shell.at++
  }
}
