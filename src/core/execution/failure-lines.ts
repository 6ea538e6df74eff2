/**
 * The last output lines of failed scripts with machine-specific details replaced, so that 37
 * instances whose package database was locked by 37 processes give one line: `E: Could not get lock
 * <path>. It is held by process <n> (apt)`.
 */

/** The number of last lines with content that are considered. */
const shownLines = 3
const maxLineLength = 240

/** In this order: the first pattern that matches a piece of text replaces it. */
const folds: readonly (readonly [pattern: RegExp, word: string])[] = [
  [/\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>]+/gi, '<url>'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<id>'],
  [/\b(?:inv|exec|task|ext)-[0-9a-z]{6,}(?:-\d+)*\b/g, '<id>'],
  [/\bi-[0-9a-z]{8,}\b/g, '<id>'],
  [/\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?/g, '<time>'],
  [/\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +(?:\w{3} +\d{1,2}|\d{1,2} +\w{3})[\d: ]*/g, '<time> '],
  [/\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +\d{1,2} +\d\d:\d\d:\d\d\b/g, '<time>'],
  [/\b\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?\b/g, '<time>'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b/g, '<address>'],
  [/\b[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){3,7}\b/gi, '<address>'],
  [/(?<![\w.])\/(?:[^\s:;,'"()[\]<>|]+)/g, '<path>'],
  [/\b(?:0x[0-9a-f]+|(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,})\b/gi, '<hex>'],
  [/\btmp[.-][A-Za-z0-9]{6,}\b/g, '<path>'],
  [/\d+(?:[.,]\d+)*/g, '<n>'],
]

/** Paths with the same meaning on every machine are more informative than `<path>`. */
const knownPaths = /^\/(?:etc|usr|bin|sbin|lib|opt|var\/lib\/(?:dpkg|apt|rpm)|var\/cache\/apt|dev)(?:\/|$)/

const escape = String.raw`\u{1b}`
const bell = String.raw`\u{7}`
/** Colours, cursor movements, titles: control sequences without content. */
const terminal = new RegExp(
  String.raw`${escape}(?:\[[0-9;?]*[ -\/]*[@-~]|\][^${bell}${escape}]*(?:${bell}|${escape}\\)?|[@-_])`,
  'gu',
)
const unreadable = /(?!\t)\p{Cc}|\ufffd/gu

/** Output of package managers after the cause, which is the same for every cause. */
const summaries = [
  /^E: Sub-process \S*dpkg returned an error code/,
  /^Errors were encountered while processing:$/,
  // The packages of that list: dpkg indents each by a blank.
  /^ \S+$/,
  /^E: Unable to correct problems, you have held broken packages/,
  /^Error: Transaction failed$/,
]

/**
 * The last lines of a text, folded; of a line that was overwritten (a progress bar) its final
 * content.
 */
export function foldLastLines(text: string): string[] {
  const lines: string[] = []
  for (const line of text.split('\n').toReversed()) {
    const last = line.replace(terminal, '').replace(/\r+$/, '').split('\r').at(-1) ?? ''
    if (summaries.some((pattern) => pattern.test(last))) continue
    const folded = foldLine(last)
    if (folded !== '') lines.unshift(folded)
    if (lines.length === shownLines) break
  }
  return lines
}

/** Replaces machine-specific details in a line. */
export function foldLine(line: string): string {
  let folded = line.slice(0, 4 * maxLineLength).replace(unreadable, '')
  for (const [pattern, word] of folds) folded = folded.replace(pattern, (found) => foldPiece(found, word))
  return folded.replace(/\s+/g, ' ').trim().slice(0, maxLineLength)
}

function foldPiece(found: string, word: string): string {
  if (word !== '<path>' || !knownPaths.test(found)) return word
  // The end of a sentence does not belong to the path.
  return found.replace(/\d+/g, '<n>')
}

/** The text that is hashed: equal for failures of the same kind. */
export const describeFailure = (failure: {
  readonly reasonCode: string
  readonly exitCode: number | undefined
  readonly lines: readonly string[]
}): string => JSON.stringify([failure.reasonCode, failure.exitCode ?? null, ...failure.lines])

/** Causes of failures that are recognised from exit code and output. */
export const failureHints = [
  'PackageLock',
  'DiskFull',
  'CommandNotFound',
  'PermissionDenied',
  'ConnectionRefused',
  'NameNotResolved',
  'TimedOut',
  'PortInUse',
  'OutOfMemory',
  'PackageNotFound',
  'DependencyMissing',
  'CertificateInvalid',
  'FileMissing',
  'SyntaxError',
] as const
export type FailureHint = (typeof failureHints)[number]

const hints: readonly (readonly [hint: FailureHint, pattern: RegExp])[] = [
  [
    'PackageLock',
    /could not get lock|dpkg(?: frontend)? lock|waiting for cache lock|another app is currently holding the yum lock|is locked by another process/i,
  ],
  ['DiskFull', /no space left on device|not enough (?:free )?(?:disk )?space|disk quota exceeded/i],
  ['PackageNotFound', /unable to locate package|no package .* available|no match for argument|unable to find a match/i],
  [
    'DependencyMissing',
    /unmet dependencies|depends on|failed dependencies|broken packages|cannot open shared object file/i,
  ],
  [
    'CertificateInvalid',
    /certificate (?:verify failed|has expired|is not (?:yet valid|trusted))|unable to get local issuer|self[- ]signed certificate/i,
  ],
  [
    'NameNotResolved',
    /could not resolve|temporary failure (?:in name resolution|resolving)|name or service not known|no address associated with/i,
  ],
  [
    'ConnectionRefused',
    /connection refused|failed to connect|couldn't connect|connection reset|no route to host|network is unreachable/i,
  ],
  ['PortInUse', /address already in use|port .* (?:is )?already (?:in use|allocated)/i],
  ['OutOfMemory', /cannot allocate memory|out of memory|oom-kill/i],
  ['CommandNotFound', /command not found|: not found$|not found in \$?path|executable file not found/i],
  [
    'PermissionDenied',
    /permission denied|operation not permitted|access denied|must be (?:run as )?root|are you root/i,
  ],
  ['TimedOut', /timed? ?out/i],
  ['SyntaxError', /syntax error|unexpected (?:token|end of file)|unterminated/i],
  ['FileMissing', /no such file or directory|cannot (?:stat|access)/i],
]

/** A known cause of the failure; undefined if there is none. */
export function findFailureHint(failure: {
  readonly reasonCode: string
  readonly exitCode: number | undefined
  readonly lines: readonly string[]
}): FailureHint | undefined {
  if (failure.reasonCode === 'DiskFull') return 'DiskFull'
  for (const line of failure.lines.toReversed())
    for (const [hint, pattern] of hints) if (pattern.test(line)) return hint
  if (failure.exitCode === 127) return 'CommandNotFound'
  if (failure.exitCode === 126) return 'PermissionDenied'
  return failure.reasonCode === 'ScriptTimedOut' ? 'TimedOut' : undefined
}

/** What the operator should do. */
export const hintTexts: Readonly<Record<FailureHint, string>> = {
  PackageLock:
    'Another package manager runs on these instances, such as an automatic update. Retry when it has finished.',
  DiskFull: 'A file system is full. Free disk space, then retry.',
  CommandNotFound: 'The script calls a program that is not installed. Install it first, or use its full path.',
  PermissionDenied: 'Permission denied. Check the file permissions, noexec mounts and runAs.',
  ConnectionRefused: 'A connection failed. Check firewalls, and that the other side is listening.',
  NameNotResolved: 'A host name could not be resolved. Check the DNS settings of these instances.',
  TimedOut: 'The script timed out. Check what it waits for, or increase timeoutMs.',
  PortInUse: 'Another process uses the port. Stop it, or choose another port.',
  OutOfMemory: 'Out of memory. Free memory, or use a larger instance.',
  PackageNotFound:
    'The package is not in the package sources of these instances. Check its name, and refresh the package lists.',
  DependencyMissing: 'A dependency is missing or has another version. Install it first.',
  CertificateInvalid: 'A certificate was rejected. Check the clock and the CA certificates of these instances.',
  FileMissing: 'The script did not find a file. Compare the path with the contents of the package.',
  SyntaxError: 'The shell reported a syntax error. Check the first line of the script and its line endings.',
}
