/**
 * Builds in a separate process, because a build needs a core for seconds and 300 MB of memory.
 * Argument: the stamp.
 */
import { fileURLToPath } from 'node:url'
import { buildConsole } from './build-console.ts'
import { describeBuildError, warningPrefix } from './describe-build-error.ts'

// The variable decides which React is built in: with the one of a development environment, pages are several times slower.
process.env['NODE_ENV'] = 'production'
try {
  await buildConsole(fileURLToPath(new URL('../../..', import.meta.url)), process.argv[2] ?? '', (text) =>
    process.stderr.write(`${warningPrefix}${text}\n`),
  )
} catch (error) {
  process.stderr.write(`${describeBuildError(error)}\n`)
  process.exitCode = 1
}
