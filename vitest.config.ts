import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { ClosingLineReporter } from './test/closing-line-reporter.ts'

/** Tests of code in this process. They share workers and modules: nothing they load keeps state from one file to the next. */
const unit = ['src/**/*.test.ts', 'console/src/**/*.test.ts', 'test/*.test.ts', 'test/{rules,sim}/**/*.test.ts']
/** Processes that are killed, servers that go away, memory over time: a suite of its own, which CI always runs. */
const faults = ['test/{faults,memory}/**/*.test.ts']

/** Real processes and databases: a slow machine is not a failed test. */
const patience = { testTimeout: 120_000, hookTimeout: 120_000, expect: { poll: { timeout: 30_000 } } }

export default defineConfig({
  test: {
    // One for each core: most tests wait for other processes. (Vitest would leave one core to itself, which on two makes one file at a time.)
    maxWorkers: availableParallelism(),
    globalSetup: 'test/integration/database/postgres-server.ts',
    reporters: [new ClosingLineReporter()],
    projects: [
      { test: { name: 'unit', pool: 'forks', isolate: false, include: unit, ...patience } },
      {
        test: {
          name: 'system',
          pool: 'forks',
          // Loading the server takes longer than many a test of it; files share it, and each has its own database and folders.
          isolate: false,
          include: ['test/**/*.test.ts'],
          exclude: [...unit, ...faults],
          ...patience,
        },
      },
      { test: { name: 'faults', pool: 'forks', include: faults, ...patience } },
    ],
  },
})
