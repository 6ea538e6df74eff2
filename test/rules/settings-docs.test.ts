/**
 * Rule: docs/settings.md lists exactly the settings of the table. Reason: a setting that the page
 * omits is not found, and one that only the page has is an error in the settings file.
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { renderSettingsDocs, settingsDocsFile } from '../../scripts/write-settings-docs.ts'

test('docs/settings.md is current (if not: node scripts/write-settings-docs.ts)', () => {
  expect(readFileSync(settingsDocsFile, 'utf8')).toBe(renderSettingsDocs())
})
