import { expect, test } from 'vitest'
import { findScriptTemplates, isScriptTemplate } from './script-templates.ts'

test('only an unedited script is a template', () => {
  const { install } = findScriptTemplates('windows')
  expect(isScriptTemplate(install)).toBe(true)
  expect(isScriptTemplate(`${install}# mine\n`)).toBe(false)
  expect(isScriptTemplate('')).toBe(false)
})
