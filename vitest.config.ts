import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { ClosingLineReporter } from './test/closing-line-reporter.ts'

/** Tests of code in this process. */
const unit = ['src/**/*.test.ts', 'console/src/**/*.test.ts', 'test/*.test.ts', 'test/{rules,sim}/**/*.test.ts']
/** Tests of the APIs, the control plane, the command line and the agent: each file has its own database and folders. */
const server = ['test/integration/{agent,cli,control-plane,oos,registry}/**/*.test.ts']
/** What a user does in the console, in a browser. */
const flows = ['test/e2e/**/*.test.ts']
/** Forms, tables and dialogs of each page, in a browser. CI always runs them. */
const pages = ['test/pages/**/*.test.ts']
/** Programs as an operator starts them. CI always runs them. */
const programs = ['test/programs/**/*.test.ts']
/** Processes that are killed, servers that go away, memory over time, releases: a suite of its own, which CI always runs. */
const faults = ['test/{faults,memory,release}/**/*.test.ts']
/** Agents in containers with a systemd of their own: needs root and apt. CI always runs it. */
const systemd = ['test/systemd/**/*.test.ts']
/** Programs and roots of other systems (rpm, Swift, Pebble), which apt fetches. CI always runs it. */
const hosts = ['test/hosts/**/*.test.ts']
/** Agents for Windows in Wine, in a root that apt fetches. CI always runs it. */
const windows = ['test/windows/**/*.test.ts']

// Programs that tests start load the sources of the project: with compiled code that is kept, in a third of the time.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('node_modules/.cache/node-compile', import.meta.url))

/** Real processes and databases: a slow machine is not a failed test. */
const patience = {
  pool: 'forks',
  testTimeout: 240_000,
  hookTimeout: 240_000,
  expect: { poll: { timeout: 110_000 } },
} as const

export default defineConfig({
  test: {
    // One more than cores: most tests wait for other processes. (Vitest would leave one core to itself.)
    maxWorkers: availableParallelism() + 1,
    globalSetup: 'test/integration/database/postgres-server.ts',
    reporters: [new ClosingLineReporter()],
    // Without isolation, files share workers and modules. Loading the server takes longer than many a test of it.
    projects: [
      { test: { name: 'unit', isolate: false, include: unit, ...patience } },
      { test: { name: 'server', isolate: false, include: server, ...patience } },
      {
        test: {
          name: 'system',
          include: ['test/**/*.test.ts'],
          exclude: [...unit, ...server, ...flows, ...pages, ...programs, ...faults, ...systemd, ...hosts, ...windows],
          ...patience,
        },
      },
      // On a new machine the browser is installed first.
      { test: { name: 'console', isolate: false, include: flows, ...patience, hookTimeout: 600_000 } },
      { test: { name: 'pages', isolate: false, include: pages, ...patience, hookTimeout: 600_000 } },
      { test: { name: 'programs', include: programs, ...patience, hookTimeout: 600_000 } },
      { test: { name: 'faults', include: faults, ...patience } },
      // On a new machine the packages of the containers are installed first.
      { test: { name: 'systemd', include: systemd, ...patience, hookTimeout: 600_000 } },
      { test: { name: 'hosts', include: hosts, ...patience, hookTimeout: 600_000 } },
      { test: { name: 'windows', include: windows, ...patience, hookTimeout: 900_000 } },
    ],
  },
})
