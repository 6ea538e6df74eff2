/**
 * Rule: docs/errors.md lists exactly the codes of the catalogue. Reason: users search for a code
 * and must find it, and only current ones.
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { errorDocsFile, renderErrorDocs } from '../../scripts/write-error-docs.ts'

test('docs/errors.md is current (if not: node scripts/write-error-docs.ts)', () => {
  expect(readFileSync(errorDocsFile, 'utf8')).toBe(renderErrorDocs())
})
