import { DefaultReporter, type SerializedError, type TestModule, type TestRunEndReason } from 'vitest/node'

/** The parts of a test run that the closing line counts. */
export interface RunCounts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export const renderClosingLine = ({ passed, failed, skipped }: RunCounts) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`

/**
 * Counts tests, and errors outside of tests: a file that does not load, a failing suite hook, an
 * unhandled error. Each is one failure, so that a failed run never prints `0 failed`.
 */
export function countRun(modules: readonly TestModule[], unhandledErrors: number): RunCounts {
  let passed = 0
  let skipped = 0
  let failed = unhandledErrors
  for (const module of modules) {
    failed += module.errors().length
    for (const suite of module.children.allSuites()) failed += suite.errors().length
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      if (state === 'passed') passed += 1
      else if (state === 'skipped') skipped += 1
      else failed += 1
    }
  }
  return { passed, failed, skipped }
}

/**
 * The default report with a final machine-readable line: `N passed, N failed`, and `, N skipped` if
 * there are any.
 */
export class ClosingLineReporter extends DefaultReporter {
  override onTestRunEnd(
    modules: readonly TestModule[],
    errors: readonly SerializedError[],
    reason: TestRunEndReason,
  ): void {
    super.onTestRunEnd(modules, errors, reason)
    const counts = countRun(modules, errors.length)
    const failed = reason === 'passed' ? counts.failed : Math.max(1, counts.failed)
    this.ctx.logger.log(renderClosingLine({ ...counts, failed }))
  }
}
