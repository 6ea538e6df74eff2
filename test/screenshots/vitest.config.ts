import { defineConfig } from 'vitest/config'
import { ClosingLineReporter } from '../closing-line-reporter.ts'

/** `npm run screenshots`: pictures for docs/screenshots, with the harness of the e2e tests. */
export default defineConfig({
  root: new URL('../..', import.meta.url).pathname,
  test: {
    include: ['test/screenshots/**/*.shot.ts'],
    globalSetup: 'test/integration/database/postgres-server.ts',
    testTimeout: 300_000,
    hookTimeout: 300_000,
    reporters: [new ClosingLineReporter()],
  },
})
