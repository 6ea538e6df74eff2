import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { ClosingLineReporter } from './test/closing-line-reporter.ts'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'console/src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['test/bench/**', 'node_modules/**'],
    // Real processes and databases: a slow machine is not a failed test.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    pool: 'forks',
    // One for each core: most tests wait for other processes. (Vitest would leave one core to itself, which on two makes one file at a time.)
    maxWorkers: availableParallelism(),
    globalSetup: 'test/integration/postgres-server.ts',
    reporters: [new ClosingLineReporter()],
  },
})
