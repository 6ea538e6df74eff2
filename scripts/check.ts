/** What CI runs (`npm run check`): the static checks beside all tests. Arguments go to the test runner. */
import { runChecks } from './run-checks.ts'

const script = (name: string) => ['npm', 'run', '-s', name] as const
const passed = await runChecks({
  staticChecks: {
    format: script('check:format'),
    lint: script('check:lint'),
    types: script('check:types'),
    'dead code': script('check:dead'),
  },
  tests: ['vitest', 'run', ...process.argv.slice(2)],
  environment: { ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}), ...process.env },
  write: (text) => process.stdout.write(text),
})
process.exitCode = passed ? 0 : 1
