/**
 * Rule: docs/oos-compatibility.md matches the router, and no operation is both implemented and
 * marked as not planned. Reason: users decide by that page whether they can move a script.
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { oosCompatibilityFile, renderOosCompatibility } from '../../scripts/write-oos-compatibility.ts'
import { notPlanned } from '../../src/server/oos/not-planned.ts'
import { operations } from '../../src/server/oos/operations.ts'

test('docs/oos-compatibility.md is current (if not: node scripts/write-oos-compatibility.ts)', () => {
  expect(readFileSync(oosCompatibilityFile, 'utf8')).toBe(renderOosCompatibility())
})

test('every operation has one place in the tables', () => {
  const names = [...operations.map(({ name }) => name), ...notPlanned.flatMap(({ operations: some }) => some)]
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  expect(names.filter((name) => !/^[A-Z][A-Za-z]+$/.test(name))).toEqual([])
})
