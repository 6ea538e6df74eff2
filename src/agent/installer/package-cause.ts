/**
 * Finds the line with the cause of a package manager's failure. Its last line never is: "E:
 * Sub-process /usr/bin/dpkg returned an error code (1)" is the same for all causes.
 */
export function findPackageCause(stderr: string, stdout: string): string {
  const lines = splitLines(stderr)
  return cut(
    findDpkgCause(lines, splitLines(stdout)) ??
      lines.find((line) => dependencyLine.test(line))?.trim() ??
      lines.find((line) => line.startsWith('E: ') && !saysNothing(line))?.trim() ??
      lines.find((line) => scriptletLine.test(line))?.trim() ??
      lines.findLast((line) => !saysNothing(line))?.trim() ??
      lines.at(-1)?.trim() ??
      '',
  )
}

/**
 * dpkg's own line, after the output of the maintainer script:
 *
 *     licence server cannot be reached
 *     dpkg: error processing package demo (--configure):
 *      installed demo package post-installation script subprocess returned error exit status 7
 */
function findDpkgCause(lines: readonly string[], printed: readonly string[]): string | undefined {
  const at = lines.findIndex((line) => line.startsWith('dpkg: error processing '))
  if (at === -1) return lines.find((line) => /^dpkg(?:-deb)?: error: /.test(line))
  const detail = lines[at + 1]?.trim() ?? ''
  if (!/script subprocess/.test(detail)) {
    const before = detail.startsWith('dependency problems')
      ? lines.slice(0, at).find((line) => /^ \S+ depends /.test(line))
      : undefined
    return [detail, before?.trim()].filter(Boolean).join(': ')
  }
  const isWord = (line: string) => !managerLine.test(line) && !saysNothing(line)
  const word = lines.slice(0, at).findLast(isWord) ?? printed.findLast(isWord)
  return word === undefined ? detail : `${word.trim()} (${detail})`
}

const dependencyLine = /^ ?\S+ : (?:Pre-)?(?:Depends|Conflicts|Breaks): /
const scriptletLine = /scriptlet failed|needs \d+\S* (?:more )?(?:space|inodes)|nothing provides|conflicts with/

/** Progress output of the manager. */
const managerLine =
  /^(?:dpkg|dpkg-deb|apt-get|W|N|E|warning|debconf|update-\S+|invoke-rc\.d): |^\(Reading database|^(?:Selecting|Preparing|Unpacking|Setting up|Removing|Purging|Processing triggers|Reading|Building|Need to get|After this operation|Get:|Fetched|Installing new version) ?/

const nothing =
  /^E: Sub-process \S*dpkg returned an error code|^Errors were encountered while processing:|^ \S+$|^E: Unable to correct problems|^E: Unmet dependencies|^Error: Transaction failed|^waiting for |^\(try to add |^Problem occurred during|^Please see the above error|^Installation has been aborted|^You can try to add to command line|^ *--skip-\S+ to skip|^Failed to resolve the transaction/

/** A line that reports a failure without its cause. */
const saysNothing = (line: string) => line.trim() === '' || nothing.test(line)

const splitLines = (text: string) =>
  text
    .split(/[\r\n]+/)
    .map((line) => line.replace(/\p{Cc}/gu, ' ').trimEnd())
    .filter((line) => line !== '')

const maxLength = 300
const cut = (text: string) => (text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text)
