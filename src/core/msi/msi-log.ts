/**
 * The cause of a failed installation from the verbose log of Windows Installer, as one line; empty
 * if the log names none. The last lines of a log never do: they list all properties.
 */
export function findMsiCause(log: string): string {
  const lines = log.split(/\r?\n/).map((line) => line.trim())
  const causes = [
    ...lines.flatMap((line) => /(?:^| -- )(Error \d{4,5}\. ?.+)$/.exec(line)?.[1] ?? []),
    ...lines.flatMap((line) => /\bProduct: .*? -- (.+)$/.exec(line)?.[1] ?? []).filter((text) => !isSummary(text)),
    ...listBeforeFailures(lines),
    ...lines.flatMap((line) => /(CustomAction \S+ returned actual error code -?\d+)/.exec(line)?.[1] ?? []),
    ...lines.flatMap((line) => /\bNote: \d: \d+ \d: (.*[A-Za-z]{4}.*)$/.exec(line)?.[1] ?? []).slice(-1),
  ]
  return cut(causes[0] ?? '')
}

/** Says that it failed, and not why. */
const isSummary = (text: string) =>
  /^(?:Installation|Configuration|Removal|Update) (?:operation )?(?:failed|completed|success)/i.test(text)

/**
 * Actions end with `Return value 3.` when they fail. A launch condition writes its text on the line
 * before, without a prefix.
 */
const listBeforeFailures = (lines: readonly string[]): string[] =>
  lines.flatMap((line, index) => {
    if (!line.endsWith('Return value 3.')) return []
    const before = lines.slice(Math.max(0, index - 3), index).findLast((text) => text !== '' && !isRoutine(text))
    return before === undefined ? [] : [before]
  })

const isRoutine = (line: string) =>
  /^(?:MSI \([cs]\)|Action (?:start|ended|\d)|Property\([SCN]\)|===|DEBUG:|INFO:|Info \d)|^\d+:/i.test(line)

const maxLength = 300
const cut = (text: string) => (text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text)
