/**
 * Why a program failed, as one line, from what it printed: the task of an upgrade shows one line. An uncaught error of Node.js
 * prints the place before it, and the stack and the version after it.
 * @param stderr empty, if it printed nothing
 * @param message of the error of Node.js, such as a time limit
 */
export function describeFailedProgram(stderr: string, message: string): string {
  const lines = stderr
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
  return lines.find((line) => /^(?:[A-Z]\w*)?Error\b.*: /.test(line)) ?? lines[0] ?? message.split('\n', 1)[0] ?? ''
}
