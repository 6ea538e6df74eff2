import { expect, test } from 'vitest'
import { suggestName } from './suggest-name.ts'

test.each([
  ['listn', 'listen'],
  ['publicURL', 'publicUrl'],
  ['retentionOutputs', 'retentionOutput'],
  ['colour', undefined],
])('%s: %s', (name, meant) => {
  expect(suggestName(name, ['listen', 'publicUrl', 'retentionOutput'])).toBe(meant)
})
